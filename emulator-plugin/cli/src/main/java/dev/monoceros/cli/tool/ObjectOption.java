package dev.monoceros.cli.tool;

import java.util.List;

/**
 * {@code --object TYPE,id=ID,...}. Secrets are for encrypted images and throttle groups for limits
 * of speed; neither is served, so their properties are not looked at.
 */
public final class ObjectOption {
  private static final List<String> TYPES =
      List.of(
          "authz-list",
          "authz-listfile",
          "authz-pam",
          "authz-simple",
          "cryptodev-vhost-user",
          "iothread",
          "main-loop",
          "secret",
          "secret_keyring",
          "throttle-group",
          "tls-creds-anon",
          "tls-creds-psk",
          "tls-creds-x509",
          "tls-cipher-suites");

  private ObjectOption() {}

  /**
   * Looks at one.
   *
   * @throws ToolExit if QEMU would refuse it; what is wrong has been said
   */
  public static void accept(Tool tool, String text) {
    String type = null;
    boolean id = false;
    boolean first = true;
    for (String part : KeyValues.split(text)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? "" : part.substring(0, equals);
      if (first && equals < 0) {
        type = part;
      } else if (equals < 0) {
        throw tool.failure("Expected '=' after parameter '" + part + "'");
      } else if (key.equals("qom-type")) {
        type = part.substring(equals + 1);
      } else if (key.equals("id")) {
        id = true;
      }
      first = false;
    }
    if (type == null) {
      throw tool.failure("Parameter 'qom-type' is missing");
    }
    if (!TYPES.contains(type)) {
      throw tool.failure("Parameter 'qom-type' does not accept value '" + type + "'");
    }
    if (!id) {
      throw tool.failure("Parameter 'id' is missing");
    }
  }
}

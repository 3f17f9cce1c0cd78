package dev.monoceros.cli.tool;

import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.graph.ThrottleObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code --object TYPE,id=ID,...}. Throttle groups are kept; secrets are for encrypted images,
 * which are not served, but what QEMU refuses is refused here.
 */
public final class ObjectOption {
  private static final String TYPE = "qom-type";
  private static final String ID = "id";

  private static final Set<String> CREATABLE =
      Set.of(
          "authz-list",
          "authz-list-file",
          "authz-simple",
          "main-loop",
          "pr-manager-helper",
          "secret",
          "secret_keyring",
          "thread-context",
          "throttle-group",
          "tls-cipher-suites",
          "tls-creds-anon",
          "tls-creds-psk",
          "tls-creds-x509");

  /** Types of a machine, which QEMU's tools cannot make. */
  private static final Set<String> OF_MACHINES =
      Set.of("can-bus", "colo-compare", "iothread", "input-linux", "sev-guest", "qtest");

  private static final Set<String> OF_SECRETS =
      Set.of(TYPE, ID, "data", "file", "format", "iv", "keyid");

  private final Tool tool;

  private ObjectOption(Tool tool) {
    this.tool = tool;
  }

  /**
   * Looks at one and makes it.
   *
   * @throws ToolExit if QEMU would refuse it; what is wrong has been said
   */
  public static void accept(Tool tool, String text) {
    new ObjectOption(tool).accept(text);
  }

  private void accept(String text) {
    Map<String, String> properties = properties(text);
    String type = properties.get(TYPE);
    if (type == null) {
      throw tool.failure("Parameter '" + TYPE + "' is missing");
    }
    if (OF_MACHINES.contains(type)) {
      throw tool.failure("invalid object type: " + type);
    }
    if (!CREATABLE.contains(type)) {
      throw tool.failure("Parameter '" + TYPE + "' does not accept value '" + type + "'");
    }
    String id = properties.get(ID);
    if (id == null) {
      throw tool.failure("Parameter '" + ID + "' is missing");
    }
    if (type.equals("secret")) {
      requireSecret(properties);
    }
    if (type.equals("throttle-group")) {
      addThrottleGroup(text);
    }
    if (!tool.objects().add(id)) {
      throw tool.failure(
          "attempt to add duplicate property '" + id + "' to object (type 'container')");
    }
  }

  private void addThrottleGroup(String text) {
    try {
      tool.objects().add(ThrottleObject.parse(text));
    } catch (ImageException e) {
      throw tool.failure(Reason.of(e));
    }
  }

  private Map<String, String> properties(String text) {
    Map<String, String> properties = new TreeMap<>();
    List<String> parts = KeyValues.split(text);
    for (String part : parts) {
      int equals = part.indexOf('=');
      if (equals >= 0) {
        properties.put(part.substring(0, equals), part.substring(equals + 1));
      } else if (properties.isEmpty()) {
        properties.put(TYPE, part);
      } else {
        throw tool.failure("Expected '=' after parameter '" + part + "'");
      }
    }
    return properties;
  }

  private void requireSecret(Map<String, String> properties) {
    for (String key : properties.keySet()) {
      if (!OF_SECRETS.contains(key)) {
        throw tool.failure("Parameter '" + key + "' is unexpected");
      }
    }
    String file = properties.get("file");
    boolean data = properties.containsKey("data");
    if (file != null && data) {
      throw tool.failure("'file' and 'data' are mutually exclusive");
    }
    if (file == null && !data) {
      throw tool.failure("Either 'file' or 'data' must be provided");
    }
    if (file != null && !Files.isReadable(Path.of(file))) {
      throw tool.failure(
          "Unable to read "
              + file
              + ": Failed to open file \u201c"
              + file
              + "\u201d: No such file or directory");
    }
  }
}

package dev.monoceros.images.bootdisk;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The file grubenv (GRUB manual, "The GRUB environment block"): NAME=VALUE, one a line. */
final class EnvironmentBlock {
  private EnvironmentBlock() {}

  static Map<String, String> parse(byte[] file) {
    Map<String, String> variables = new TreeMap<>();
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        String value = line.substring(equals + 1);
        variables.put(line.substring(0, equals), value.replaceAll("\\\\(.)", "$1"));
      }
    }
    return variables;
  }
}

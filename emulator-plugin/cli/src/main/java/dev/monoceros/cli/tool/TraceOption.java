package dev.monoceros.cli.tool;

import java.util.List;

/**
 * {@code -T PATTERN[,events=FILE][,file=FILE]}. There are no trace events here; QEMU warns of a
 * pattern that matches none and goes on.
 */
public final class TraceOption {
  private TraceOption() {}

  /** Looks at one. */
  public static void accept(Tool tool, String text) {
    List<String> parts = KeyValues.split(text);
    String pattern = parts.isEmpty() ? "" : parts.getFirst();
    if (pattern.startsWith("enable=")) {
      pattern = pattern.substring("enable=".length());
    }
    if (!pattern.isEmpty() && pattern.indexOf('=') < 0 && pattern.indexOf('*') < 0) {
      tool.warning("trace event '" + pattern + "' does not exist");
    }
  }
}

package dev.monoceros.cli.tool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code -T PATTERN[,events=FILE][,file=FILE]}. There are no trace events here; QEMU warns of a
 * pattern that matches none and goes on.
 */
public final class TraceOption {
  private static final String EVENTS = "events=";

  private TraceOption() {}

  /** Looks at one. */
  public static void accept(Tool tool, String text) {
    List<String> parts = KeyValues.split(text);
    String pattern = parts.isEmpty() ? "" : parts.getFirst();
    if (pattern.startsWith("enable=")) {
      pattern = pattern.substring("enable=".length());
    }
    for (String part : parts) {
      String file = part.startsWith(EVENTS) ? part.substring(EVENTS.length()) : "";
      if (!file.isEmpty() && !Files.isReadable(Path.of(file))) {
        tool.errorText(tool.name() + ":" + file + ": No such file or directory\n");
        throw new ToolExit(1);
      }
    }
    if (!pattern.isEmpty() && pattern.indexOf('=') < 0 && pattern.indexOf('*') < 0) {
      tool.warning("trace event '" + pattern + "' does not exist");
    }
  }
}

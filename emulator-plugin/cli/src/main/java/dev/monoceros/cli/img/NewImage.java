package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.ImageFormat;
import java.util.Optional;

/** The image that convert and dd create: its format and {@code -o}. */
final class NewImage {
  private NewImage() {}

  static String accumulate(Tool tool, Optional<String> before, String text) {
    if (text.isEmpty() || text.startsWith(",") && !text.startsWith(",,") || text.endsWith(",")) {
      throw tool.failure("Invalid option list: " + text);
    }
    return before.map(b -> b + "," + text).orElse(text);
  }

  static boolean asksForHelp(String options) {
    return false;
  }

  static int help(Tool tool, String format) {
    throw tool.failure("Unknown file format '" + format + "'");
  }

  static CreateOptions options(
      Tool tool,
      String format,
      Optional<String> options,
      long size,
      Optional<String> backing,
      Optional<String> backingFormat) {
    CreateOptions create =
        switch (format) {
          case "raw" -> CreateOptions.raw(size);
          case "qcow2" -> CreateOptions.qcow2(size);
          case "qcow" -> CreateOptions.qcow2(size).withFormat(ImageFormat.QCOW);
          default -> throw tool.failure("Unknown file format '" + format + "'");
        };
    return create.withOverwrite(true);
  }
}

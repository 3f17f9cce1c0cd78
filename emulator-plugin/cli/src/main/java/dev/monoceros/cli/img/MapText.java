package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Tool;

/** The two forms of {@code map}'s output, written as the walk goes. */
final class MapText {
  private static final int COLUMN = 16;

  private final Tool tool;
  private final boolean json;

  MapText(Tool tool, boolean json) {
    this.tool = tool;
    this.json = json;
  }

  void begin() {
    tool.print(json ? "[" : "Offset          Length          Mapped to       File\n");
  }

  void end() {
    if (json) {
      tool.print("]\n");
    }
  }

  /** The table for people does not tell zeros from holes, so that more neighbours are alike. */
  MapEntry simplify(MapEntry entry) {
    return !json && (!entry.data() || entry.zero()) ? entry.asHole() : entry;
  }

  /**
   * Writes one.
   *
   * @param more whether another follows
   * @return false if it cannot be said in this form, which has been reported
   */
  boolean entry(MapEntry entry, boolean more) {
    if (json) {
      tool.print(line(entry) + (more ? ",\n" : ""));
      return true;
    }
    if (entry.data() && !entry.placed()) {
      tool.error("File contains external, encrypted or compressed clusters.");
      return false;
    }
    if (entry.data() && !entry.zero()) {
      tool.print(
          hex(entry.start())
              + hex(entry.length())
              + hex(entry.offset())
              + entry.file().orElse("")
              + "\n");
    }
    return true;
  }

  private static String line(MapEntry entry) {
    String place = entry.placed() ? ", \"offset\": " + entry.offset() : "";
    return "{ \"start\": "
        + entry.start()
        + ", \"length\": "
        + entry.length()
        + ", \"depth\": "
        + entry.depth()
        + ", \"present\": "
        + entry.present()
        + ", \"zero\": "
        + entry.zero()
        + ", \"data\": "
        + entry.data()
        + place
        + "}";
  }

  private static String hex(long value) {
    StringBuilder text = new StringBuilder(value == 0 ? "" : "0x").append(Long.toHexString(value));
    return text.repeat(' ', Math.max(0, COLUMN - text.length())).toString();
  }
}

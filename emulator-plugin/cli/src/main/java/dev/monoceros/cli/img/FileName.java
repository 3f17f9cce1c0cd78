package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.RefusedException;

/** File names as QEMU's block layer takes them: a path, or a protocol and a colon before it. */
final class FileName {
  private static final String FILE = "file:";

  private FileName() {}

  /** Whether the first colon comes before the first slash. */
  static boolean hasProtocol(String name) {
    int colon = name.indexOf(':');
    int slash = name.indexOf('/');
    return colon >= 0 && (slash < 0 || colon < slash);
  }

  /** Refuses a name that does not stand for a file. */
  static void requireFile(String name) throws RefusedException {
    if (hasProtocol(name) && !name.startsWith(FILE)) {
      throw new RefusedException("Unknown protocol '" + name.substring(0, name.indexOf(':')) + "'");
    }
  }

  /** The path of a name that stands for a file. */
  static String path(String name) {
    return name.startsWith(FILE) ? name.substring(FILE.length()) : name;
  }

  /** The name of an image below, which is relative to the directory of the one above. */
  static String below(String above, String backing) {
    if (backing.isEmpty() || backing.startsWith("/") || hasProtocol(backing)) {
      return backing;
    }
    int end = Math.max(above.lastIndexOf('/'), hasProtocol(above) ? above.indexOf(':') : -1);
    return above.substring(0, end + 1) + backing;
  }
}

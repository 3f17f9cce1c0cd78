package dev.monoceros.images.root;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * File names as the bytes they are. Java decodes a name with the locale's charset and may lose
 * bytes in its text, though not in the {@link Path} itself. Here every byte becomes the character
 * of the same number (ISO 8859-1), which also sorts like the bytes.
 */
public final class RawName {
  private static final int LAST_ASCII = 0x7e;

  private RawName() {}

  /** The bytes of a path of one or more names, relative or absolute, one character a byte. */
  public static String of(Path path) {
    String text = path.toString();
    if (text.chars().allMatch(c -> c <= LAST_ASCII)) {
      return text;
    }
    if (path.isAbsolute()) {
      return decoded(path);
    }
    String root = decoded(Path.of("/"));
    return decoded(Path.of("/").resolve(path)).substring(root.length());
  }

  /**
   * The path of one name, of these bytes, below a directory.
   *
   * @param name without a slash
   */
  public static Path below(Path directory, String name) {
    if (name.chars().allMatch(c -> c > 0 && c <= LAST_ASCII)) {
      return directory.resolve(name);
    }
    StringBuilder escaped = new StringBuilder("file:///");
    for (char c : name.toCharArray()) {
      escaped.append("%%%02X".formatted((int) c));
    }
    return directory.resolve(Path.of(URI.create(escaped.toString())).getFileName());
  }

  /** A URI has the path's own bytes; a directory's ends with a slash that the path has not. */
  private static String decoded(Path absolute) {
    String escaped = absolute.toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < escaped.length(); i++) {
      if (escaped.charAt(i) == '%') {
        bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(escaped.charAt(i));
      }
    }
    String raw = bytes.toString(StandardCharsets.ISO_8859_1);
    return raw.length() > 1 && raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
  }
}

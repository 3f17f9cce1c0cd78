package dev.monoceros.cli.directory;

import dev.monoceros.cli.options.OptionException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One {@code --copy-out}.
 *
 * @param guest a file or directory of the guest; relative to where the command starts
 * @param host where it goes: the new name, or a directory that exists and gets it
 */
public record CopyOut(String guest, Path host) {
  /**
   * Reads {@code GUEST:HOST}; the first colon parts them.
   *
   * @throws OptionException saying what is wrong
   */
  public static CopyOut parse(String text) {
    int colon = text.indexOf(':');
    if (colon <= 0 || colon == text.length() - 1) {
      throw new OptionException("'" + text + "' is not GUEST:HOST");
    }
    CopyOut copy = new CopyOut(text.substring(0, colon), Path.of(text.substring(colon + 1)));
    Path parent = copy.host.toAbsolutePath().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      throw new OptionException("there is no directory " + parent);
    }
    return copy;
  }

  /**
   * The guest's absolute name of it, one character a byte.
   *
   * @param directory where the command starts, likewise
   */
  public String absolute(String directory) {
    String name = RawWords.utf8(guest);
    if (name.startsWith("/")) {
      return name;
    }
    return directory + (directory.endsWith("/") ? "" : "/") + name;
  }

  /** What it becomes on the host, as cp has it. */
  public Path target() {
    String name = guest.replaceFirst("/+$", "").replaceFirst("^.*/", "");
    boolean into = Files.isDirectory(host) && !name.isEmpty() && !name.equals(".");
    return into && !name.equals("..") ? host.resolve(name) : host;
  }
}

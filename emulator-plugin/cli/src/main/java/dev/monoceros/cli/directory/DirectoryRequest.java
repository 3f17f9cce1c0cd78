package dev.monoceros.cli.directory;

import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * What the options of {@code run --root} ask for.
 *
 * @param root the directory
 * @param writable whether the guest may write to its copy of it
 * @param skipUnreadable whether what cannot be read is left out
 * @param words the command, one character a byte
 * @param environment set for it beside what it always has, one character a byte
 * @param directory where it starts, absolute, one character a byte
 * @param copies files to be copied out
 * @param copyLimit the most that one of them may have, bytes
 * @param showConsole whether the kernel's console is shown
 */
public record DirectoryRequest(
    Path root,
    boolean writable,
    boolean skipUnreadable,
    List<String> words,
    SequencedMap<String, String> environment,
    String directory,
    List<CopyOut> copies,
    long copyLimit,
    boolean showConsole) {
  /** Copies the lists. */
  public DirectoryRequest {
    words = List.copyOf(words);
    copies = List.copyOf(copies);
  }
}

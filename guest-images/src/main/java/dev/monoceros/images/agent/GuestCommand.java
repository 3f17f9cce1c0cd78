package dev.monoceros.images.agent;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A command for the guest. Texts stand for bytes, one character (0 to 255) a byte, for a command's
 * words need be no text in any encoding; none may have a zero in it.
 *
 * @param words program and arguments, at least one
 * @param environment all of it, in order; the names are names of shell variables
 * @param directory where it starts, absolute
 * @param writable whether the root file system may be written to
 * @param input what its standard input is
 * @param copies files and directories to be copied out when it has ended
 * @param copyDisk the disk that the first copy goes to, 1 for vdb; the others to those after it
 */
public record GuestCommand(
    List<String> words,
    SequencedMap<String, String> environment,
    String directory,
    boolean writable,
    Input input,
    List<String> copies,
    int copyDisk) {
  /** What every command finds unless told otherwise. */
  public static final Map<String, String> DEFAULT_ENVIRONMENT =
      Map.of(
          "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root");

  /** Standard input. */
  public sealed interface Input {
    /** There is none: it is /dev/null. */
    record None() implements Input {}

    /** A pipe from the second serial port. */
    record Stream() implements Input {}

    /**
     * The second serial port as the command's terminal.
     *
     * @param type its TERM: letters, digits, and {@code . _ + -}
     * @param rows lines, 1 to 65535
     * @param columns characters a line, 1 to 65535
     * @param errorsApart whether standard error is still the third port
     */
    record Terminal(String type, int rows, int columns, boolean errorsApart) implements Input {}
  }

  /** Copies lists and environment. */
  public GuestCommand {
    words = List.copyOf(words);
    environment = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(environment));
    copies = List.copyOf(copies);
    if (words.isEmpty()) {
      throw new IllegalArgumentException("a command needs a word");
    }
  }
}

package dev.monoceros.cli.directory;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of command line words, one character a byte. Java has decoded its arguments with the
 * locale's charset, which loses what is no text in it; Linux still has them.
 */
public final class RawWords {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private RawWords() {}

  /** The bytes of the last words of this process's command line, or else of their text in UTF-8. */
  public static List<String> last(List<String> words) {
    try {
      return last(words, Files.readAllBytes(COMMAND_LINE), nativeCharset());
    } catch (IOException e) {
      return words.stream().map(RawWords::utf8).toList();
    }
  }

  private static Charset nativeCharset() {
    return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
  }

  static List<String> last(List<String> words, byte[] commandLine, Charset charset) {
    List<String> all = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        all.add(new String(commandLine, start, i - start, StandardCharsets.ISO_8859_1));
        start = i + 1;
      }
    }
    int first = all.size() - words.size();
    List<String> tail = first < 0 ? List.of() : all.subList(first, all.size());
    boolean ours = tail.stream().map(raw -> decoded(raw, charset)).toList().equals(words);
    return ours ? List.copyOf(tail) : words.stream().map(RawWords::utf8).toList();
  }

  private static String decoded(String raw, Charset charset) {
    return new String(raw.getBytes(StandardCharsets.ISO_8859_1), charset);
  }

  /** A text's bytes in UTF-8. */
  public static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}

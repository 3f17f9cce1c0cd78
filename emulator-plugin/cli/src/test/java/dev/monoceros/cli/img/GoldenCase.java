package dev.monoceros.cli.img;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Command lines of a corpus file that are run one after the other. In the file a case starts with
 * {@code == name}; a line with {@code !} prepares files (with the real tools), one with {@code $}
 * is run by both tools and compared. Words are separated by blanks and may be in single quotes;
 * {@code @} stands for the directory of the case with a slash.
 */
record GoldenCase(String name, List<Line> lines) {
  /** Where a case finds its files; the same for both tools, one after the other. */
  static final String DIRECTORY = "target/golden/w";

  /**
   * One command.
   *
   * @param compared false for one that prepares
   */
  record Line(boolean compared, List<String> words) {}

  static List<GoldenCase> read(String resource) {
    try (InputStream in = GoldenCase.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + resource);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<GoldenCase> parse(String text) {
    List<GoldenCase> cases = new ArrayList<>();
    for (String line : text.split("\n")) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("== ")) {
        cases.add(new GoldenCase(line.substring(3), new ArrayList<>()));
      } else {
        boolean compared = line.startsWith("$");
        if (!compared && !line.startsWith("!")) {
          throw new IllegalArgumentException(line);
        }
        cases.getLast().lines.add(new Line(compared, words(line.substring(1))));
      }
    }
    return cases;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    boolean started = false;
    for (char c : (line + " ").toCharArray()) {
      if (c == '\'') {
        quoted = !quoted;
        started = true;
      } else if (c == ' ' && !quoted) {
        if (started) {
          words.add(word.toString());
        }
        word.setLength(0);
        started = false;
      } else {
        word.append(c == '@' ? DIRECTORY + "/" : String.valueOf(c));
        started = true;
      }
    }
    return words;
  }
}

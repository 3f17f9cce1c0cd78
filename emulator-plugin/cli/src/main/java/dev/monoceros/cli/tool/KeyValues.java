package dev.monoceros.cli.tool;

import java.util.ArrayList;
import java.util.List;

/** Text of the form {@code a=b,c=d}, in which a doubled comma stands for one. */
public final class KeyValues {
  private KeyValues() {}

  /**
   * A value in such a text.
   *
   * @param next where what follows its comma starts
   */
  record Value(String text, int next) {}

  /** The parts between single commas, with doubled ones made single. */
  public static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      Value part = value(text, at);
      parts.add(part.text());
      at = part.next();
    }
    return parts;
  }

  /** The part that starts at {@code from} and ends at a single comma. */
  static Value value(String text, int from) {
    StringBuilder part = new StringBuilder();
    int at = from;
    while (at < text.length()) {
      if (text.charAt(at) == ',') {
        at++;
        if (at == text.length() || text.charAt(at) != ',') {
          return new Value(part.toString(), at);
        }
      }
      part.append(text.charAt(at));
      at++;
    }
    return new Value(part.toString(), at);
  }
}

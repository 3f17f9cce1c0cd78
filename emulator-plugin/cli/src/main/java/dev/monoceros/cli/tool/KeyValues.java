package dev.monoceros.cli.tool;

import java.util.ArrayList;
import java.util.List;

/** Text of the form {@code a=b,c=d}, in which a doubled comma stands for one. */
public final class KeyValues {
  private KeyValues() {}

  /** The parts between single commas, with doubled ones made single. */
  public static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ',') {
        part.append(c);
      } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
        part.append(c);
        i++;
      } else {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    if (!part.isEmpty()) {
      parts.add(part.toString());
    }
    return parts;
  }
}

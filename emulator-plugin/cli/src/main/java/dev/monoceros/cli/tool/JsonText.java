package dev.monoceros.cli.tool;

import java.util.List;

/** Puts {@link Json} into text, as QEMU's JSON writer does. */
final class JsonText {
  private static final String INDENT = "    ";

  private JsonText() {}

  /**
   * @param line end of line and indentation where the value stands; null for everything on one line
   */
  static void append(StringBuilder text, Json value, String line) {
    switch (value) {
      case Json.Literal literal -> text.append(literal.text());
      case Json.Text string -> quote(text, string.value());
      case Json.Items array -> appendItems(text, array.items(), line);
      case Json.Members object -> appendMembers(text, object, line);
    }
  }

  private static void appendItems(StringBuilder text, List<Json> items, String line) {
    String inner = line == null ? null : line + INDENT;
    text.append('[');
    String separator = "";
    for (Json item : items) {
      text.append(separator);
      if (inner != null) {
        text.append(inner);
      }
      append(text, item, inner);
      separator = line == null ? ", " : ",";
    }
    if (line != null) {
      text.append(line);
    }
    text.append(']');
  }

  private static void appendMembers(StringBuilder text, Json.Members object, String line) {
    String inner = line == null ? null : line + INDENT;
    text.append('{');
    String separator = "";
    for (String key : object.keys()) {
      text.append(separator);
      if (inner != null) {
        text.append(inner);
      }
      quote(text, key);
      text.append(": ");
      append(text, object.get(key), inner);
      separator = line == null ? ", " : ",";
    }
    if (line != null) {
      text.append(line);
    }
    text.append('}');
  }

  static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\b' -> text.append("\\b");
        case '\f' -> text.append("\\f");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < ' ' || c > '~') {
            text.append(String.format("\\u%04X", (int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}

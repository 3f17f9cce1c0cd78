package dev.monoceros.qcow.graph;

import java.util.List;

/** Prints JSON as QEMU does in {@code json:} file names: one line, ASCII only. */
final class JsonText {
  private static final int DELETE = 0x7f;

  private JsonText() {}

  static String of(OptionMap map) {
    StringBuilder out = new StringBuilder();
    append(out, map);
    return out.toString();
  }

  private static void append(StringBuilder out, OptionMap map) {
    out.append('{');
    String separator = "";
    for (String key : map.keys()) {
      out.append(separator);
      appendQuoted(out, key);
      out.append(": ");
      append(out, map.get(key));
      separator = ", ";
    }
    out.append('}');
  }

  private static void append(StringBuilder out, OptionValue value) {
    switch (value) {
      case OptionValue.Text(String text) -> appendQuoted(out, text);
      case OptionValue.Number(String text) -> out.append(text);
      case OptionValue.Flag(boolean set) -> out.append(set);
      case OptionValue.Null() -> out.append("null");
      case OptionValue.Tree(OptionMap map) -> append(out, map);
      case OptionValue.Items(List<OptionValue> items) -> {
        out.append('[');
        String separator = "";
        for (OptionValue item : items) {
          out.append(separator);
          append(out, item);
          separator = ", ";
        }
        out.append(']');
      }
    }
  }

  /** Beyond ASCII a character is its UTF-16 units, as escapes. */
  private static void appendQuoted(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c >= DELETE) {
            out.append("\\u%04X".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}

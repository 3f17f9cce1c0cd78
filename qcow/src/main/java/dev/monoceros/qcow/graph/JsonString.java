package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;

/** What a JSON string stands for. */
final class JsonString {
  private static final int HEX_DIGITS = 4;
  private static final int INVALID = -1;

  private final String token;
  private final StringBuilder out = new StringBuilder();
  private int at = 1;

  private JsonString(String token) {
    this.token = token;
  }

  /**
   * @param token with its quotes
   */
  static String decode(String token) throws ImageFault {
    return new JsonString(token).decode();
  }

  private String decode() throws ImageFault {
    int end = token.length() - 1;
    while (at < end) {
      int c = token.codePointAt(at);
      if (c == '\\') {
        escape();
      } else if (Character.getType(c) == Character.SURROGATE || isNoncharacter(c)) {
        throw GraphFault.json("invalid UTF-8 sequence in string");
      } else {
        out.appendCodePoint(c);
        at += Character.charCount(c);
      }
    }
    return out.toString();
  }

  private void escape() throws ImageFault {
    char c = token.charAt(at + 1);
    switch (c) {
      case '"', '\'', '\\', '/' -> out.append(c);
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'n' -> out.append('\n');
      case 'r' -> out.append('\r');
      case 't' -> out.append('\t');
      case 'u' -> {
        unicode();
        return;
      }
      default -> throw GraphFault.json("invalid escape sequence in string");
    }
    at += 2;
  }

  private void unicode() throws ImageFault {
    int start = at;
    int c = hex(at + 2);
    at += 2 + HEX_DIGITS;
    if (c >= Character.MIN_HIGH_SURROGATE
        && c <= Character.MAX_HIGH_SURROGATE
        && token.startsWith("\\u", at)) {
      int low = hex(at + 2);
      if (low >= Character.MIN_LOW_SURROGATE && low <= Character.MAX_LOW_SURROGATE) {
        c = Character.toCodePoint((char) c, (char) low);
        at += 2 + HEX_DIGITS;
      }
    }
    if (c == INVALID || Character.getType(c) == Character.SURROGATE || isNoncharacter(c)) {
      String shown = token.substring(start, Math.min(at, token.length()));
      throw GraphFault.json(shown + " is not a valid Unicode character");
    }
    out.appendCodePoint(c);
  }

  private int hex(int from) {
    int value = 0;
    for (int i = from; i < from + HEX_DIGITS; i++) {
      int digit = i < token.length() ? Character.digit(token.charAt(i), 16) : INVALID;
      if (digit < 0 || token.charAt(i) >= '\u0080') {
        return INVALID;
      }
      value = value * 16 + digit;
    }
    return value;
  }

  /** U+FDD0 to U+FDEF and the last two of each plane. */
  private static boolean isNoncharacter(int c) {
    return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
  }
}

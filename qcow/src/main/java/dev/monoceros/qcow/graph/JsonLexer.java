package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.JsonToken.Kind;
import dev.monoceros.qcow.io.ImageFault;

/**
 * Cuts QEMU's dialect of JSON into tokens: RFC 8259, and strings in single quotes. What cannot
 * start or go on as a token is an error that quotes the token so far, offending character included.
 */
final class JsonLexer {
  private final String input;
  private int at;

  JsonLexer(String input) {
    this.input = input;
  }

  /** The next token, or null at the end of the input. */
  JsonToken next() throws ImageFault {
    while (at < input.length() && isSpace(input.charAt(at))) {
      at++;
    }
    if (at == input.length()) {
      return null;
    }
    int start = at;
    char c = input.charAt(at++);
    return switch (c) {
      case '{' -> token(Kind.LEFT_BRACE, start);
      case '}' -> token(Kind.RIGHT_BRACE, start);
      case '[' -> token(Kind.LEFT_BRACKET, start);
      case ']' -> token(Kind.RIGHT_BRACKET, start);
      case ':' -> token(Kind.COLON, start);
      case ',' -> token(Kind.COMMA, start);
      case '"', '\'' -> string(start, c);
      default -> {
        if (c == '-' || isDigit(c)) {
          yield number(start);
        }
        if (c >= 'a' && c <= 'z') {
          while (at < input.length() && input.charAt(at) >= 'a' && input.charAt(at) <= 'z') {
            at++;
          }
          yield token(Kind.KEYWORD, start);
        }
        throw stray(start);
      }
    };
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private JsonToken token(Kind kind, int start) {
    return new JsonToken(kind, input.substring(start, at));
  }

  private ImageFault stray(int start) {
    return GraphFault.json("stray '" + input.substring(start, Math.min(at, input.length())) + "'");
  }

  private JsonToken string(int start, char quote) throws ImageFault {
    boolean escaped = false;
    while (at < input.length()) {
      char c = input.charAt(at++);
      if (c < ' ') {
        throw stray(start);
      }
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == quote) {
        return token(Kind.STRING, start);
      }
    }
    throw stray(start);
  }

  private JsonToken number(int start) throws ImageFault {
    at = start;
    if (peek() == '-') {
      at++;
    }
    boolean zero = peek() == '0';
    digits(start);
    if (zero && (isDigit(peek()) || at - start > (input.charAt(start) == '-' ? 2 : 1))) {
      // A leading zero: the error shows up to the second digit.
      at = start + (input.charAt(start) == '-' ? 3 : 2);
      throw stray(start);
    }
    Kind kind = Kind.INTEGER;
    boolean fraction = peek() == '.';
    if (fraction) {
      at++;
      digits(start);
      kind = Kind.FLOAT;
    }
    // In QEMU's table of states a bare zero takes no exponent.
    if ((peek() == 'e' || peek() == 'E') && (fraction || !zero)) {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits(start);
      kind = Kind.FLOAT;
    }
    return token(kind, start);
  }

  private char peek() {
    return at < input.length() ? input.charAt(at) : '\0';
  }

  private void digits(int start) throws ImageFault {
    if (!isDigit(peek())) {
      at++;
      throw stray(start);
    }
    while (isDigit(peek())) {
      at++;
    }
  }
}

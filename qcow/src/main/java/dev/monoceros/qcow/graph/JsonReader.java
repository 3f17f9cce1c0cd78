package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.JsonToken.Kind;
import dev.monoceros.qcow.io.ImageFault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one value in QEMU's dialect of JSON and complains in QEMU's words. A library's parser knows
 * neither: that is why there is one here.
 */
final class JsonReader {
  /** QEMU's own bound; it keeps the recursion below it shallow. */
  private static final int MAX_NESTING = 1024;

  private static final int DOUBLE_DIGITS = 17;

  private final List<JsonToken> tokens;
  private int at;

  private JsonReader(List<JsonToken> tokens) {
    this.tokens = tokens;
  }

  /** The value that {@code text} consists of. */
  static OptionValue read(String text) throws ImageFault {
    JsonLexer lexer = new JsonLexer(text);
    List<JsonToken> tokens = message(lexer);
    if (tokens.isEmpty()) {
      throw GraphFault.bad("Expecting a JSON value");
    }
    OptionValue value = new JsonReader(tokens).value();
    if (hasMore(lexer)) {
      throw GraphFault.bad("Expecting at most one JSON value");
    }
    return value;
  }

  /** QEMU complains of the second value whatever it is, were it not even a token. */
  private static boolean hasMore(JsonLexer lexer) {
    try {
      return lexer.next() != null;
    } catch (ImageFault e) {
      return true;
    }
  }

  /** Tokens until braces and brackets balance, or until one closes too many. */
  private static List<JsonToken> message(JsonLexer lexer) throws ImageFault {
    List<JsonToken> tokens = new ArrayList<>();
    int braces = 0;
    int brackets = 0;
    for (JsonToken token = lexer.next(); token != null; token = lexer.next()) {
      tokens.add(token);
      switch (token.kind()) {
        case LEFT_BRACE -> braces++;
        case RIGHT_BRACE -> braces--;
        case LEFT_BRACKET -> brackets++;
        case RIGHT_BRACKET -> brackets--;
        case STRING, INTEGER, FLOAT, KEYWORD, COLON, COMMA -> {}
      }
      if (braces < 0 || brackets < 0 || (braces == 0 && brackets == 0)) {
        break;
      }
      if (braces + brackets > MAX_NESTING) {
        throw GraphFault.bad("JSON nesting depth limit exceeded");
      }
    }
    return tokens;
  }

  private JsonToken peek() throws ImageFault {
    if (at == tokens.size()) {
      throw GraphFault.json("premature EOI");
    }
    return tokens.get(at);
  }

  private JsonToken pop() throws ImageFault {
    JsonToken token = peek();
    at++;
    return token;
  }

  private OptionValue value() throws ImageFault {
    JsonToken token = pop();
    return switch (token.kind()) {
      case LEFT_BRACE -> new OptionValue.Tree(object());
      case LEFT_BRACKET -> new OptionValue.Items(array());
      case STRING -> new OptionValue.Text(JsonString.decode(token.text()));
      case INTEGER -> new OptionValue.Number(integer(token.text()));
      case FLOAT -> new OptionValue.Number(real(token.text()));
      case KEYWORD ->
          switch (token.text()) {
            case "true" -> new OptionValue.Flag(true);
            case "false" -> new OptionValue.Flag(false);
            case "null" -> new OptionValue.Null();
            default -> throw GraphFault.json("invalid keyword '" + token.text() + "'");
          };
      case RIGHT_BRACE, RIGHT_BRACKET, COLON, COMMA -> throw GraphFault.json("expecting value");
    };
  }

  private OptionMap object() throws ImageFault {
    OptionMap map = new OptionMap();
    if (peek().kind() == Kind.RIGHT_BRACE) {
      at++;
      return map;
    }
    while (true) {
      pair(map);
      Kind next = pop().kind();
      if (next == Kind.RIGHT_BRACE) {
        return map;
      }
      if (next != Kind.COMMA) {
        throw GraphFault.json("expected separator in dict");
      }
    }
  }

  private void pair(OptionMap map) throws ImageFault {
    if (!(value() instanceof OptionValue.Text(String key))) {
      throw GraphFault.json("key is not a string in object");
    }
    if (pop().kind() != Kind.COLON) {
      throw GraphFault.json("missing : in object pair");
    }
    OptionValue value = value();
    if (map.has(key)) {
      throw GraphFault.json("duplicate key");
    }
    map.put(key, value);
  }

  private List<OptionValue> array() throws ImageFault {
    List<OptionValue> items = new ArrayList<>();
    if (peek().kind() == Kind.RIGHT_BRACKET) {
      at++;
      return items;
    }
    while (true) {
      items.add(value());
      Kind next = pop().kind();
      if (next == Kind.RIGHT_BRACKET) {
        return items;
      }
      if (next != Kind.COMMA) {
        throw GraphFault.json("expected separator in list");
      }
    }
  }

  /** Exact if it fits 64 bits, signed or not; otherwise it becomes a double, as in QEMU. */
  private static String integer(String text) {
    boolean exact = new BigDecimal(text).precision() <= DOUBLE_DIGITS + 3;
    if (exact) {
      BigInteger value = new BigInteger(text);
      if (value.bitLength() < Long.SIZE || (value.signum() > 0 && value.bitLength() == Long.SIZE)) {
        return value.toString();
      }
    }
    return real(text);
  }

  /** C's {@code %.17g}. */
  private static String real(String text) {
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return text.startsWith("-") ? "-0" : "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(DOUBLE_DIGITS));
    int exponent = rounded.precision() - rounded.scale() - 1;
    BigDecimal digits = rounded.stripTrailingZeros();
    if (exponent >= -4 && exponent < DOUBLE_DIGITS) {
      return digits.toPlainString();
    }
    String mantissa = digits.movePointLeft(exponent).stripTrailingZeros().toPlainString();
    return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}

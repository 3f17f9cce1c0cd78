package dev.monoceros.cli.tool;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Sizes as QEMU reads and writes them ({@code qemu_strtosz}, {@code size_to_str}): {@code 64k},
 * {@code 1.5G}, {@code 0x200}; {@code 64 KiB}, {@code 1.5 GiB}.
 */
public final class ByteCount {
  private static final String SUFFIXES = "BKMGTPE";
  private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final int HEX = 16;
  private static final int DIGITS = 3;
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(Long.SIZE);

  private ByteCount() {}

  /** What came of reading a number. */
  public enum Outcome {
    OK,
    INVALID,
    OUT_OF_RANGE
  }

  /**
   * A number read.
   *
   * @param value in bytes, an unsigned 64-bit number; 0 unless OK
   * @param rest what follows the number in the text
   * @param deprecated a hexadecimal number with a suffix, which QEMU warns of
   */
  public record Parsed(Outcome outcome, long value, String rest, boolean deprecated) {
    static Parsed invalid(String rest) {
      return new Parsed(Outcome.INVALID, 0, rest, false);
    }
  }

  /**
   * Reads the number at the start of {@code text}, an unsigned 64-bit one.
   *
   * @param defaultSuffix what a number without a suffix counts in, such as {@code B} or {@code M}
   */
  public static Parsed parsePrefix(String text, char defaultSuffix) {
    int start = 0;
    while (start < text.length() && isSpace(text.charAt(start))) {
      start++;
    }
    if (start < text.length() && text.charAt(start) == '+') {
      start++;
    }
    int end = digits(text, start, 10);
    if (end == start) {
      return Parsed.invalid(text);
    }
    BigInteger whole = new BigInteger(text.substring(start, end));
    boolean hex = whole.signum() == 0 && end < text.length() && (text.charAt(end) | 32) == 'x';
    BigDecimal number = new BigDecimal(whole);
    if (hex) {
      int from = end + 1;
      end = digits(text, from, HEX);
      if (end == from || end < text.length() && text.charAt(end) == '.') {
        return Parsed.invalid(text);
      }
      number = new BigDecimal(new BigInteger(text.substring(from, end), HEX));
    } else if (end < text.length() && text.charAt(end) == '.') {
      int after = digits(text, end + 1, 10);
      if (after > end + 1 && isExponent(text, after)) {
        return Parsed.invalid(text);
      }
      if (after > end + 1) {
        number = new BigDecimal(text.substring(start, after));
      }
      end = after;
    }
    return scale(text, number, end, hex, defaultSuffix);
  }

  private static Parsed scale(
      String text, BigDecimal number, int end, boolean hex, char defaultSuffix) {
    OptionalInt given = end < text.length() ? shift(text.charAt(end)) : OptionalInt.empty();
    int shift = given.orElse(shift(defaultSuffix).orElseThrow());
    String rest = text.substring(given.isPresent() ? end + 1 : end);
    if (shift == 0 && number.stripTrailingZeros().scale() > 0) {
      return Parsed.invalid(text);
    }
    BigInteger bytes =
        number
            .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(shift)))
            .setScale(0, RoundingMode.HALF_UP)
            .toBigInteger();
    boolean deprecated = hex && given.isPresent();
    if (bytes.compareTo(LIMIT) >= 0) {
      return new Parsed(Outcome.OUT_OF_RANGE, 0, rest, deprecated);
    }
    return new Parsed(Outcome.OK, bytes.longValue(), rest, deprecated);
  }

  /** The same, but the whole text must be the number. */
  public static Parsed parse(String text, char defaultSuffix) {
    Parsed parsed = parsePrefix(text, defaultSuffix);
    boolean trailing = parsed.outcome() == Outcome.OK && !parsed.rest().isEmpty();
    return trailing ? new Parsed(Outcome.INVALID, 0, parsed.rest(), parsed.deprecated()) : parsed;
  }

  /**
   * Reads an argument and reports what is wrong with it as qemu-img does ({@code cvtnum_full}).
   *
   * @param what name of the argument in messages, such as {@code image size}
   * @param least smallest value allowed
   * @param most largest value allowed
   * @return empty if it was reported
   */
  public static Optional<Long> read(Tool tool, String what, String text, long least, long most) {
    Parsed parsed = parse(text, 'B');
    if (parsed.deprecated()) {
      tool.warning("Using a multiplier suffix on hex numbers is deprecated: " + text);
    }
    if (parsed.outcome() == Outcome.INVALID) {
      tool.error("Invalid " + what + " specified. You may use k, M, G, T, P or E suffixes for");
      tool.error("kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes.");
      return Optional.empty();
    }
    long value = parsed.value();
    if (parsed.outcome() == Outcome.OUT_OF_RANGE || value < least || value > most) {
      tool.error("Invalid " + what + " specified. Must be between " + least + " and " + most + ".");
      return Optional.empty();
    }
    return Optional.of(value);
  }

  /** The same from 0 up to the largest signed number ({@code cvtnum}). */
  public static Optional<Long> read(Tool tool, String what, String text) {
    return read(tool, what, text, 0, Long.MAX_VALUE);
  }

  /** {@code 64 KiB}: three significant digits, as {@code size_to_str} prints. */
  public static String toText(long bytes) {
    double value = unsigned(bytes);
    int unit = Math.max(0, Math.getExponent(value / (1000.0 / 1024.0)) / 10);
    return general(value / (1L << (unit * 10)), DIGITS) + " " + UNITS[unit] + "B";
  }

  private static double unsigned(long bytes) {
    return bytes >= 0 ? bytes : new BigInteger(Long.toUnsignedString(bytes)).doubleValue();
  }

  /** C's {@code %.Ng} of a number from 0 up. */
  public static String general(double value, int digits) {
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal rounded = exact.round(new java.math.MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= digits) {
      BigDecimal mantissa = rounded.movePointLeft(exponent).stripTrailingZeros();
      String sign = exponent < 0 ? "-" : "+";
      String power = Integer.toString(Math.abs(exponent));
      return mantissa.toPlainString() + "e" + sign + (power.length() < 2 ? "0" : "") + power;
    }
    return rounded.stripTrailingZeros().toPlainString();
  }

  private static int digits(String text, int from, int radix) {
    int at = from;
    while (at < text.length()
        && text.charAt(at) < 128
        && Character.digit(text.charAt(at), radix) >= 0) {
      at++;
    }
    return at;
  }

  private static boolean isExponent(String text, int at) {
    return at < text.length()
        && (text.charAt(at) | 32) == 'e'
        && (digits(text, at + 1, 10) > at + 1
            || at + 1 < text.length()
                && (text.charAt(at + 1) == '+' || text.charAt(at + 1) == '-')
                && digits(text, at + 2, 10) > at + 2);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c >= '\t' && c <= '\r';
  }

  private static OptionalInt shift(char suffix) {
    int at = SUFFIXES.indexOf(Character.toUpperCase(suffix));
    return at < 0 ? OptionalInt.empty() : OptionalInt.of(at * 10);
  }
}

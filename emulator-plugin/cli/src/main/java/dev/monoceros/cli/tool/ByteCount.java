package dev.monoceros.cli.tool;

import java.math.BigInteger;
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
    BigInteger number = whole;
    int decimals = 0;
    if (hex) {
      int from = end + 1;
      end = digits(text, from, HEX);
      if (end == from || end < text.length() && text.charAt(end) == '.') {
        return Parsed.invalid(text);
      }
      number = new BigInteger(text.substring(from, end), HEX);
    } else if (end < text.length() && text.charAt(end) == '.') {
      int after = digits(text, end + 1, 10);
      if (after > end + 1 && isExponent(text, after)) {
        return Parsed.invalid(text);
      }
      decimals = after - (end + 1);
      number = new BigInteger(text.substring(start, end) + text.substring(end + 1, after));
      end = after;
    }
    return scale(text, number, BigInteger.TEN.pow(decimals), end, hex, defaultSuffix);
  }

  /** The number is {@code number / denominator}. */
  private static Parsed scale(
      String text,
      BigInteger number,
      BigInteger denominator,
      int end,
      boolean hex,
      char defaultSuffix) {
    OptionalInt given = end < text.length() ? shift(text.charAt(end)) : OptionalInt.empty();
    int shift = given.orElse(shift(defaultSuffix).orElseThrow());
    String rest = text.substring(given.isPresent() ? end + 1 : end);
    if (shift == 0 && number.mod(denominator).signum() != 0) {
      return Parsed.invalid(text);
    }
    // Half a byte is rounded up.
    BigInteger bytes =
        number.shiftLeft(shift + 1).add(denominator).divide(denominator.shiftLeft(1));
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
    return Decimals.general(value / (1L << (unit * 10)), DIGITS) + " " + UNITS[unit] + "B";
  }

  private static double unsigned(long bytes) {
    return bytes >= 0 ? bytes : new BigInteger(Long.toUnsignedString(bytes)).doubleValue();
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

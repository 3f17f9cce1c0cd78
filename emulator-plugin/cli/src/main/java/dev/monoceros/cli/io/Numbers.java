package dev.monoceros.cli.io;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Sizes and numbers as the commands take them: QEMU's {@code qemu_strtosz} and strtol(3). */
final class Numbers {
  /** Not a number, or something after it. */
  static final long NOT_A_NUMBER = -1;

  /** More than 2^63 - 1. */
  static final long TOO_LARGE = -2;

  private static final String SUFFIXES = "BKMGTPE";
  private static final int BITS_PER_SUFFIX = 10;
  private static final int PLAIN_DIGITS = 18;
  private static final BigInteger UINT64_LIMIT = BigInteger.ONE.shiftLeft(64);

  private Numbers() {}

  /**
   * A size in bytes: decimal with an optional fraction and suffix, or hexadecimal.
   *
   * @param out for the warning about a suffix on a hexadecimal number
   * @return the size, {@link #NOT_A_NUMBER} or {@link #TOO_LARGE}
   */
  static long size(String text, Output out) {
    int length = text.length();
    if (length > 0 && length <= PLAIN_DIGITS) {
      long value = 0;
      int i = 0;
      for (; i < length; i++) {
        int digit = text.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          break;
        }
        value = value * 10 + digit;
      }
      if (i == length) {
        return value;
      }
    }
    return new SizeText(text).parse(out);
  }

  /**
   * strtol(3) with base 0, all of the text.
   *
   * @return the number, or empty-handed {@link Long#MIN_VALUE} if it is none; a number that is too
   *     large is {@link Long#MAX_VALUE}
   */
  static long integer(String text) {
    int at = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
    boolean negative = at == 1 && text.charAt(0) == '-';
    int radix = 10;
    if (text.regionMatches(true, at, "0x", 0, 2)) {
      radix = 16;
      at += 2;
    } else if (text.startsWith("0", at) && text.length() > at + 1) {
      radix = 8;
      at++;
    }
    String digits = text.substring(at);
    for (int i = 0; i < digits.length(); i++) {
      if (Character.digit(digits.charAt(i), radix) < 0 || digits.charAt(i) > 'f') {
        return Long.MIN_VALUE;
      }
    }
    if (digits.isEmpty()) {
      return Long.MIN_VALUE;
    }
    BigInteger value = new BigInteger(digits, radix);
    if (value.bitLength() > 63) {
      return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return negative ? -value.longValue() : value.longValue();
  }

  /** Parser of one size that is more than digits. */
  private static final class SizeText {
    private final String text;
    private int at;

    SizeText(String text) {
      this.text = text;
    }

    long parse(Output out) {
      if (at < text.length() && text.charAt(at) == '+') {
        at++;
      }
      boolean hexadecimal = text.regionMatches(true, at, "0x", 0, 2);
      if (hexadecimal) {
        at += 2;
      }
      String digits = digits(hexadecimal ? 16 : 10);
      if (digits.isEmpty()) {
        return NOT_A_NUMBER;
      }
      BigInteger whole = new BigInteger(digits, hexadecimal ? 16 : 10);
      if (whole.compareTo(UINT64_LIMIT) >= 0) {
        return TOO_LARGE;
      }
      BigDecimal value = new BigDecimal(whole);
      if (peek() == '.') {
        if (hexadecimal) {
          return NOT_A_NUMBER;
        }
        at++;
        value = value.add(fraction());
      }
      return scaled(value, hexadecimal, out);
    }

    private BigDecimal fraction() {
      String digits = digits(10);
      return digits.isEmpty() ? BigDecimal.ZERO : new BigDecimal("0." + digits);
    }

    private long scaled(BigDecimal value, boolean hexadecimal, Output out) {
      int suffix = at < text.length() ? SUFFIXES.indexOf(Character.toUpperCase(peek())) : -1;
      if (suffix >= 0) {
        at++;
        if (hexadecimal) {
          out.error(
              "warning: Using a multiplier suffix on hex numbers is deprecated: " + text);
        }
      }
      boolean fractional = value.stripTrailingZeros().scale() > 0;
      if (suffix <= 0 && fractional || at < text.length()) {
        return NOT_A_NUMBER;
      }
      BigInteger unit = BigInteger.ONE.shiftLeft(Math.max(0, suffix) * BITS_PER_SUFFIX);
      BigInteger bytes =
          value.multiply(new BigDecimal(unit)).setScale(0, RoundingMode.HALF_UP).toBigInteger();
      return bytes.bitLength() > 63 ? TOO_LARGE : bytes.longValue();
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private String digits(int radix) {
      int from = at;
      while (at < text.length()
          && text.charAt(at) <= 'f'
          && Character.digit(text.charAt(at), radix) >= 0) {
        at++;
      }
      return text.substring(from, at);
    }
  }
}

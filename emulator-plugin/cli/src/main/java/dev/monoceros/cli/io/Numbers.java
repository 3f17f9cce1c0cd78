package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.ByteCount;
import java.math.BigInteger;

/** Sizes and numbers as the commands take them: QEMU's {@code qemu_strtosz} and strtol(3). */
final class Numbers {
  /** Not a number, or something after it. */
  static final long NOT_A_NUMBER = -1;

  /** More than 2^63 - 1. */
  static final long TOO_LARGE = -2;

  private static final int PLAIN_DIGITS = 18;

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
    ByteCount.Parsed parsed = ByteCount.parse(text, 'B');
    if (parsed.deprecated()) {
      out.error("warning: Using a multiplier suffix on hex numbers is deprecated: " + text);
    }
    return switch (parsed.outcome()) {
      case OK -> parsed.value() < 0 ? TOO_LARGE : parsed.value();
      case INVALID -> NOT_A_NUMBER;
      case OUT_OF_RANGE -> TOO_LARGE;
    };
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
}

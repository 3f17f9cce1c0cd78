package dev.monoceros.cli.img;

import java.math.BigInteger;
import java.util.OptionalLong;

/**
 * Whole numbers as C's {@code strtol} reads them with base 0: decimal, {@code 0x..}, {@code 0..}.
 */
final class CNumber {
  private CNumber() {}

  /**
   * The number that {@code text} is, all of it.
   *
   * @return empty if it is none or lies outside {@code least} to {@code most}
   */
  static OptionalLong parse(String text, long least, long most) {
    String digits = text.stripLeading();
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int radix = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.startsWith("0")) {
      radix = 8;
    }
    if (digits.isEmpty() || Character.digit(digits.charAt(0), radix) < 0) {
      return OptionalLong.empty();
    }
    try {
      BigInteger value = new BigInteger(negative ? "-" + digits : digits, radix);
      boolean fits =
          value.compareTo(BigInteger.valueOf(least)) >= 0
              && value.compareTo(BigInteger.valueOf(most)) <= 0;
      return fits ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}

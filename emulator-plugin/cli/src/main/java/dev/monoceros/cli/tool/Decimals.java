package dev.monoceros.cli.tool;

import java.math.BigInteger;

/**
 * Numbers as C's {@code printf} writes them, rounded from their exact value, ties to even. Without
 * {@code BigDecimal}, whose tables alone take 10 ms of a process that lasts 100.
 */
public final class Decimals {
  private static final int FRACTION_BITS = 52;
  private static final int LEAST_EXPONENT = -1074;
  private static final int LEAST_PLAIN = -4;

  private Decimals() {}

  /** C's {@code %.Ng} of a number from 0 up. */
  public static String general(double value, int digits) {
    if (value == 0) {
      return "0";
    }
    int exponent = (int) Math.floor(Math.log10(value));
    BigInteger rounded = scaled(value, digits - 1 - exponent);
    // The logarithm may be off by one, and rounding may carry into a new digit.
    while (rounded.compareTo(BigInteger.TEN.pow(digits)) >= 0) {
      exponent++;
      rounded = scaled(value, digits - 1 - exponent);
    }
    while (rounded.compareTo(BigInteger.TEN.pow(digits - 1)) < 0) {
      exponent--;
      rounded = scaled(value, digits - 1 - exponent);
    }
    if (exponent < LEAST_PLAIN || exponent >= digits) {
      String power = Integer.toString(Math.abs(exponent));
      return withoutTrailingZeros(withPoint(rounded, digits - 1))
          + (exponent < 0 ? "e-" : "e+")
          + (power.length() < 2 ? "0" : "")
          + power;
    }
    return withoutTrailingZeros(withPoint(rounded, digits - 1 - exponent));
  }

  /** C's {@code %.Nf} of a number from 0 up. */
  public static String fixed(double value, int decimals) {
    return withPoint(scaled(value, decimals), decimals);
  }

  /** The number times ten to the power {@code power}, as a whole number. */
  private static BigInteger scaled(double value, int power) {
    long bits = Double.doubleToRawLongBits(value);
    long fraction = bits & (1L << FRACTION_BITS) - 1;
    int field = (int) (bits >>> FRACTION_BITS);
    // IEEE 754 double: the smallest numbers lack the leading one.
    long mantissa = field == 0 ? fraction : fraction | 1L << FRACTION_BITS;
    int exponent = LEAST_EXPONENT + Math.max(field - 1, 0);
    BigInteger numerator =
        BigInteger.valueOf(mantissa)
            .shiftLeft(Math.max(exponent, 0))
            .multiply(BigInteger.TEN.pow(Math.max(power, 0)));
    BigInteger denominator =
        BigInteger.TEN.pow(Math.max(-power, 0)).shiftLeft(Math.max(-exponent, 0));
    BigInteger[] parts = numerator.divideAndRemainder(denominator);
    int half = parts[1].shiftLeft(1).compareTo(denominator);
    boolean up = half > 0 || half == 0 && parts[0].testBit(0);
    return up ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  private static String withPoint(BigInteger number, int decimals) {
    String text = number.toString();
    if (decimals == 0) {
      return text;
    }
    text = "0".repeat(Math.max(decimals + 1 - text.length(), 0)) + text;
    int point = text.length() - decimals;
    return text.substring(0, point) + "." + text.substring(point);
  }

  private static String withoutTrailingZeros(String text) {
    if (text.indexOf('.') < 0) {
      return text;
    }
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }
}

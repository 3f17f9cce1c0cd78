package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers and sizes of options, as QEMU reads them. Values are unsigned 64-bit numbers. */
final class SizeText {
  /** What QEMU adds to its complaint about a size. */
  private static final String SUFFIX_HINT =
      "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
          + "and exabytes, respectively.";

  private static final String SUFFIXES = "bkmgtpe";
  private static final int BITS_PER_SUFFIX = 10;
  private static final String SPACE = "[ \\t\\n\\x0b\\f\\r]*";
  private static final Pattern DECIMAL_SIZE =
      Pattern.compile(SPACE + "\\+?([0-9]+)(\\.[0-9]*)?([bBkKmMgGtTpPeE]?)");
  private static final Pattern HEX_SIZE =
      Pattern.compile(SPACE + "\\+?0[xX]([0-9a-fA-F]+)([kKmMgGtTpP]?)");
  private static final Pattern NUMBER =
      Pattern.compile(SPACE + "([-+]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))");
  private static final int MAX_DIGITS = 400;

  private SizeText() {}

  /**
   * Bytes, with a suffix or without.
   *
   * @param name of the option, for the complaint
   * @throws ImageFault BAD_OPTION
   */
  static long size(String name, String text) throws ImageFault {
    if (text.length() > MAX_DIGITS) {
      throw outOfRange(name, text);
    }
    Matcher hex = HEX_SIZE.matcher(text);
    if (hex.matches()) {
      BigInteger value = new BigInteger(hex.group(1), 16).shiftLeft(shift(hex.group(2)));
      return unsigned(name, text, value);
    }
    Matcher decimal = DECIMAL_SIZE.matcher(text);
    if (!decimal.matches()) {
      throw notASize(name);
    }
    String fraction = decimal.group(2);
    int shift = shift(decimal.group(3));
    if (fraction != null && shift == 0 && new BigDecimal("0" + fraction + "0").signum() != 0) {
      throw notASize(name);
    }
    BigInteger whole = new BigInteger(decimal.group(1)).shiftLeft(shift);
    if (fraction == null) {
      return unsigned(name, text, whole);
    }
    // QEMU scales the fraction as a double and rounds half up.
    double scaled = Double.parseDouble("0" + fraction + "0") * (1L << shift) + 0.5;
    BigDecimal part = new BigDecimal(scaled).setScale(0, RoundingMode.DOWN);
    return unsigned(name, text, whole.add(part.toBigInteger()));
  }

  private static int shift(String suffix) {
    return suffix.isEmpty()
        ? 0
        : BITS_PER_SUFFIX * SUFFIXES.indexOf(suffix.toLowerCase(Locale.ROOT));
  }

  /** A number without suffix, in C's notation; a negative one wraps, as in QEMU. */
  static long number(String name, String text) throws ImageFault {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      throw GraphFault.bad("Parameter '" + name + "' expects a number");
    }
    BigInteger value;
    if (text.length() > MAX_DIGITS) {
      throw tooLarge(name, text);
    } else if (matcher.group(2) != null) {
      value = new BigInteger(matcher.group(2), 16);
    } else if (matcher.group(3) != null) {
      value = new BigInteger(matcher.group(3), 8);
    } else {
      value = new BigInteger(matcher.group(4));
    }
    if (value.bitLength() > Long.SIZE) {
      throw tooLarge(name, text);
    }
    return matcher.group(1).equals("-") ? -value.longValue() : value.longValue();
  }

  private static long unsigned(String name, String text, BigInteger value) throws ImageFault {
    if (value.bitLength() > Long.SIZE) {
      throw outOfRange(name, text);
    }
    return value.longValue();
  }

  private static ImageFault notASize(String name) {
    return GraphFault.bad("Parameter '" + name + "' expects a non-negative number below 2^64")
        .withHint(SUFFIX_HINT);
  }

  private static ImageFault outOfRange(String name, String text) {
    return GraphFault.bad("Value '" + text + "' is out of range for parameter '" + name + "'");
  }

  private static ImageFault tooLarge(String name, String text) {
    return GraphFault.bad("Value '" + text + "' is too large for parameter '" + name + "'");
  }
}

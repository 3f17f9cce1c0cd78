package dev.monoceros.cli.options;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes with qemu-img's suffixes: k, M, G, T are powers of 1024, in either case. */
public final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([bkmgt]?)");
  private static final String SUFFIXES = "bkmgt";

  private ByteSize() {}

  /**
   * Reads a size.
   *
   * @param text digits and perhaps a suffix
   * @param unit bytes that a number without a suffix counts
   * @return bytes
   * @throws OptionException if it is no size, or beyond 2^63-1 bytes
   */
  public static long parse(String text, long unit) {
    Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new OptionException("'" + text + "' is no size such as 512M or 2G");
    }
    String suffix = matcher.group(2);
    long factor = suffix.isEmpty() ? unit : 1L << 10 * SUFFIXES.indexOf(suffix);
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
    } catch (ArithmeticException e) {
      throw new OptionException("'" + text + "' is too large");
    }
  }
}

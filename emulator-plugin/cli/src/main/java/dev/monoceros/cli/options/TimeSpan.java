package dev.monoceros.cli.options;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time: 30s, 1.5m, 500ms; a bare number counts seconds. */
public final class TimeSpan {
  private static final Pattern SPAN =
      Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)(ns|us|ms|s|m|h)?");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private TimeSpan() {}

  /**
   * Reads a length of time.
   *
   * @return ns, at least 1
   * @throws OptionException if it is none, is zero, or beyond 2^63-1 ns (292 years)
   */
  public static long parseNanos(String text) {
    Matcher matcher = SPAN.matcher(text);
    if (!matcher.matches()) {
      throw new OptionException("'" + text + "' is no time such as 30s, 500ms or 2m");
    }
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    BigDecimal nanos =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(NANOS.get(unit)));
    if (nanos.compareTo(BigDecimal.ONE) < 0) {
      throw new OptionException("'" + text + "' is no time: it must be more than nothing");
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new OptionException("'" + text + "' is too long");
    }
    return nanos.longValue();
  }
}

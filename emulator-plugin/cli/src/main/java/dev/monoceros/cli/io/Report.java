package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.Decimals;

/** The lines about a finished request, with C's number formats. */
final class Report {
  private static final String[] UNITS = {" bytes", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  private static final double UNIT = 1024;
  private static final double NANOS = 1e9;
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int SECONDS_PER_HOUR = 3600;

  private Report() {}

  /**
   * @param operation what was done: read, wrote, discard
   * @param nanos how long it took
   * @param bytes how many were asked for, and moved
   * @param parsable one line of numbers, {@code -C}
   */
  static void print(
      Output out, String operation, long nanos, long offset, long bytes, boolean parsable) {
    double seconds = nanos / NANOS;
    if (parsable) {
      out.line(
          bytes
              + ",1,"
              + clock(nanos)
              + ","
              + fixed(bytes / seconds, 3)
              + ","
              + fixed(1 / seconds, 3));
      return;
    }
    out.line(operation + " " + bytes + "/" + bytes + " bytes at offset " + offset);
    String time = nanos >= NANOS ? clock(nanos) : seconds(nanos / NANOS) + " sec";
    out.line(
        size(bytes)
            + ", 1 ops; "
            + time
            + " ("
            + size(bytes / seconds)
            + "/sec and "
            + fixed(1 / seconds, 4)
            + " ops/sec)");
  }

  /** H:MM:SS.ss. */
  private static String clock(long nanos) {
    long whole = nanos / (long) NANOS;
    String minutes = Long.toString(whole % SECONDS_PER_HOUR / SECONDS_PER_MINUTE);
    return whole / SECONDS_PER_HOUR
        + (minutes.length() == 1 ? ":0" : ":")
        + minutes
        + ":"
        + seconds(whole % SECONDS_PER_MINUTE + nanos % (long) NANOS / NANOS);
  }

  /** %05.2f. */
  private static String seconds(double value) {
    String text = fixed(value, 2);
    return "0".repeat(Math.max(0, 5 - text.length())) + text;
  }

  /** A number of bytes with a unit, and without a fraction that starts with three zeros. */
  static String size(double bytes) {
    int unit = 0;
    double value = bytes;
    while (unit < UNITS.length - 1 && value >= UNIT) {
      value /= UNIT;
      unit++;
    }
    String text = fixed(value, unit == 0 ? 6 : 3);
    int zeros = text.indexOf(".000");
    return (zeros < 0 ? text : text.substring(0, zeros)) + UNITS[unit];
  }

  /** %.Nf: the double's exact value, rounded half to even. */
  static String fixed(double value, int digits) {
    if (Double.isNaN(value)) {
      return "-nan";
    }
    if (Double.isInfinite(value)) {
      return value < 0 ? "-inf" : "inf";
    }
    return Decimals.fixed(value, digits);
  }
}

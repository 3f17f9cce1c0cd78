package dev.monoceros.cli.report;

import java.util.Locale;

/** Numbers for people. */
final class Units {
  private static final String[] BINARY = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private Units() {}

  /** 1,234,567. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** 512 bytes, 1.5 MiB. */
  static String bytes(long value) {
    double scaled = value;
    int unit = 0;
    while (scaled >= 1024 && unit < BINARY.length - 1) {
      scaled /= 1024;
      unit++;
    }
    return unit == 0
        ? count(value) + " bytes"
        : String.format(Locale.ROOT, "%.1f %s", scaled, BINARY[unit]);
  }

  /** 12.345 s, 4.321 ms. */
  static String nanos(long value) {
    return value < NANOS_PER_SECOND
        ? String.format(Locale.ROOT, "%.3f ms", (double) value / NANOS_PER_MILLI)
        : String.format(Locale.ROOT, "%,.3f s", (double) value / NANOS_PER_SECOND);
  }
}

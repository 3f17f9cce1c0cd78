package dev.monoceros.machine.time;

/**
 * A device's oscillator: exact conversion between its ticks and ns of virtual time, both counted
 * from zero, without drift however long the machine runs.
 *
 * @param hertz ticks a second, 1 to 1,000,000,000
 */
public record Frequency(long hertz) {
  /** Nanoseconds in a second. */
  public static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Checks the range. */
  public Frequency {
    if (hertz < 1 || hertz > NANOS_PER_SECOND) {
      throw new IllegalArgumentException(
          "a frequency of " + hertz + " Hz is not between 1 Hz and 1 GHz");
    }
  }

  /**
   * How many ticks have gone by at {@code nanos} (rounded down; negative times give negative
   * ticks).
   */
  public long ticksAt(long nanos) {
    long seconds = Math.floorDiv(nanos, NANOS_PER_SECOND);
    long rest = Math.floorMod(nanos, NANOS_PER_SECOND);
    // |seconds| < 2^34 and hertz < 2^30, rest * hertz < 2^60: neither product can overflow.
    return seconds * hertz + rest * hertz / NANOS_PER_SECOND;
  }

  /**
   * The first ns at which {@link #ticksAt} reaches {@code ticks}; {@link Long#MAX_VALUE} if that
   * lies beyond the clock's range.
   */
  public long nanosAt(long ticks) {
    long seconds = Math.floorDiv(ticks, hertz);
    long rest = Math.floorMod(ticks, hertz);
    if (seconds >= Long.MAX_VALUE / NANOS_PER_SECOND) {
      return Long.MAX_VALUE;
    }
    return Math.addExact(
        Math.multiplyExact(seconds, NANOS_PER_SECOND),
        Math.ceilDiv(rest * NANOS_PER_SECOND, hertz));
  }
}

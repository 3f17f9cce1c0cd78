package dev.monoceros.machine.chipset;

/**
 * One comparator of the {@link Hpet} (IA-PC HPET 1.0a, sections 2.3.8 and 2.3.9): pure arithmetic
 * over values of the main counter. What a match leads to is the block's business.
 */
final class HpetTimer {
  /** What {@link #ticksToMatch} gives if no match comes within the counter's life. */
  static final long NEVER = Long.MAX_VALUE;

  static final long LEVEL_TRIGGERED = 1 << 1;
  static final long INTERRUPT_ENABLE = 1 << 2;
  static final long PERIODIC = 1 << 3;
  static final long PERIODIC_CAPABLE = 1 << 4;
  static final long SIZE_64_CAPABLE = 1 << 5;
  static final long VALUE_SET = 1 << 6;
  static final long MODE_32 = 1 << 8;
  static final int ROUTE_SHIFT = 9;
  static final long ROUTE_MASK = 0x1f;
  static final int ROUTES_SHIFT = 32;

  private static final long KEPT = LEVEL_TRIGGERED | INTERRUPT_ENABLE | PERIODIC | MODE_32;
  private static final long LOW_32 = 0xffff_ffffL;

  private final long routes;
  private long kept;
  private boolean valueSet;
  private int route;

  /** All ones after a reset: section 2.3.9.1. */
  private long comparator = -1;

  /** What software wrote last, which a periodic timer adds at every match. */
  private long period;

  /** All matches up to this value of the main counter, inclusive, have been taken. */
  private long seen;

  /**
   * A timer after reset.
   *
   * @param routes a bit for each I/O APIC input that it can drive
   */
  HpetTimer(long routes) {
    this.routes = routes;
  }

  /** The configuration and capability register; FSB delivery is not offered. */
  long config() {
    return kept
        | PERIODIC_CAPABLE
        | SIZE_64_CAPABLE
        | (long) route << ROUTE_SHIFT
        | routes << ROUTES_SHIFT;
  }

  /** Writes the bits of {@code value} that are in {@code written}. */
  void writeConfig(long value, long written) {
    kept = merge(kept, value, written & KEPT);
    valueSet |= (value & written & VALUE_SET) != 0;
    long wanted = merge((long) route << ROUTE_SHIFT, value, written) >>> ROUTE_SHIFT & ROUTE_MASK;
    // "If the value is not supported by this particular timer, then the value read back will not
    // match what is written."
    if ((routes >>> wanted & 1) != 0) {
      route = (int) wanted;
    }
    comparator &= width();
    period &= width();
  }

  /** The comparator, which in periodic mode has moved past all matches. */
  long comparator() {
    return comparator;
  }

  /**
   * Writes the bits of {@code value} that are in {@code written}. A periodic timer's comparator
   * takes them only once after VAL_SET; its period always.
   */
  void writeComparator(long value, long written, long counter) {
    long taken = written & width();
    if (taken == 0) {
      return;
    }
    if (!isPeriodic() || valueSet) {
      comparator = merge(comparator, value, taken);
      rearm(counter);
    }
    if (isPeriodic()) {
      period = merge(period, value, taken);
    }
    valueSet = false;
  }

  /** Lets a comparator that equals {@code counter} match: it or the counter has been set. */
  void rearm(long counter) {
    seen = counter - 1;
  }

  /**
   * Takes all matches up to {@code counter} and moves a periodic comparator past them.
   *
   * @return whether there was one
   */
  boolean matchUpTo(long counter) {
    long elapsed = counter - seen;
    long first = ticksToMatch();
    seen = counter;
    if (first > elapsed) {
      return false;
    }
    if (isPeriodic() && period != 0) {
      // The product stays below elapsed + period: modulo 2^64 is the counter's own arithmetic.
      long steps = Long.divideUnsigned(elapsed - first, period) + 1;
      comparator = comparator + steps * period & width();
    }
    return true;
  }

  /** From the last look on, 1 or more; a comparator that has matched waits for a wrap. */
  long ticksToMatch() {
    long distance = comparator - seen & width();
    if (is32Bit()) {
      return distance == 0 ? LOW_32 + 1 : distance;
    }
    return distance <= 0 ? NEVER : distance;
  }

  int route() {
    return route;
  }

  boolean isRouted() {
    return (routes >>> route & 1) != 0;
  }

  boolean isLevelTriggered() {
    return (kept & LEVEL_TRIGGERED) != 0;
  }

  boolean isEnabled() {
    return (kept & INTERRUPT_ENABLE) != 0;
  }

  /** Whether it matches again sooner than after {@code ticks}. */
  boolean isFasterThan(long ticks) {
    return isPeriodic() && Long.compareUnsigned(period, ticks) < 0;
  }

  private boolean isPeriodic() {
    return (kept & PERIODIC) != 0;
  }

  private boolean is32Bit() {
    return (kept & MODE_32) != 0;
  }

  private long width() {
    return is32Bit() ? LOW_32 : -1;
  }

  static long merge(long old, long value, long written) {
    return old & ~written | value & written;
  }
}

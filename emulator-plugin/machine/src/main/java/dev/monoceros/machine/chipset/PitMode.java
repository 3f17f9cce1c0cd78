package dev.monoceros.machine.chipset;

/**
 * The six counting modes of the 8254 as pure functions of the count {@code n} (1 to 65,536) and of
 * {@code d}, the clock pulses since {@code n} was loaded (0 or more). Intel data sheet 231164-005,
 * "Mode definitions".
 */
enum PitMode {
  /** Mode 0: OUT rises when the count ends and stays high. */
  INTERRUPT_ON_TERMINAL_COUNT,
  /** Mode 1: a trigger makes OUT low for n pulses. */
  HARDWARE_ONE_SHOT,
  /** Mode 2: OUT is low for the last pulse of every n. */
  RATE_GENERATOR,
  /** Mode 3: OUT is high for the first half of every n pulses, the longer one if n is odd. */
  SQUARE_WAVE,
  /** Mode 4: OUT is low for the one pulse after the count ends. */
  SOFTWARE_STROBE,
  /** Mode 5: as mode 4, counting from a trigger. */
  HARDWARE_STROBE;

  /** What {@link #nextRise} gives when OUT will not rise again. */
  static final long NEVER = Long.MAX_VALUE;

  /** Modes 6 and 7 of the control word are modes 2 and 3: bit 2 is a don't-care there. */
  static PitMode of(int field) {
    return switch (field) {
      case 0 -> INTERRUPT_ON_TERMINAL_COUNT;
      case 1 -> HARDWARE_ONE_SHOT;
      case 2, 6 -> RATE_GENERATOR;
      case 3, 7 -> SQUARE_WAVE;
      case 4 -> SOFTWARE_STROBE;
      case 5 -> HARDWARE_STROBE;
      default -> throw new IllegalArgumentException("a three-bit mode of " + field);
    };
  }

  boolean isPeriodic() {
    return this == RATE_GENERATOR || this == SQUARE_WAVE;
  }

  /** Counting begins with a rising GATE, not with the count. */
  boolean isTriggered() {
    return this == HARDWARE_ONE_SHOT || this == HARDWARE_STROBE;
  }

  /** OUT between the control word and the first loading. */
  boolean initialOut() {
    return this != INTERRUPT_ON_TERMINAL_COUNT;
  }

  boolean out(long n, long d) {
    return switch (this) {
      case INTERRUPT_ON_TERMINAL_COUNT, HARDWARE_ONE_SHOT -> d >= n;
      case RATE_GENERATOR -> n == 1 || d % n != n - 1;
      case SQUARE_WAVE -> d % n < highHalf(n);
      case SOFTWARE_STROBE, HARDWARE_STROBE -> d != n;
    };
  }

  /**
   * The counting element; {@code modulus} is 65,536, or 10,000 in BCD, and the result is below it
   * (a full count reads as zero).
   */
  long count(long n, long d, long modulus) {
    long value =
        switch (this) {
          case RATE_GENERATOR -> n - d % n;
          case SQUARE_WAVE -> squareWaveCount(n, d % n);
          default -> n - d;
        };
    return Math.floorMod(value, modulus);
  }

  /** The first {@code d' > d} at which OUT is high after having been low, or {@link #NEVER}. */
  long nextRise(long n, long d) {
    return switch (this) {
      case INTERRUPT_ON_TERMINAL_COUNT, HARDWARE_ONE_SHOT -> d < n ? n : NEVER;
      case RATE_GENERATOR, SQUARE_WAVE -> n == 1 ? NEVER : (d / n + 1) * n;
      case SOFTWARE_STROBE, HARDWARE_STROBE -> d <= n ? n + 1 : NEVER;
    };
  }

  /**
   * Where a count written while counting takes over: the first {@code d' > d} that ends a period
   * (mode 2) or half of one (mode 3).
   */
  long nextReload(long n, long d) {
    long period = d / n * n;
    return this == SQUARE_WAVE && d % n < highHalf(n) && n > 1 ? period + highHalf(n) : period + n;
  }

  static long highHalf(long n) {
    return (n + 1) / 2;
  }

  /** Counts by two, from n (even) or n - 1 (odd), in each half. */
  private static long squareWaveCount(long n, long phase) {
    long half = highHalf(n);
    long inHalf = phase < half ? phase : phase - half;
    return (n & ~1L) - 2 * inHalf;
  }
}

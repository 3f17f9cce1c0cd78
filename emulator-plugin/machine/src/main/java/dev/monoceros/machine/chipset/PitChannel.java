package dev.monoceros.machine.chipset;

/**
 * One counter of the 8254. Time is a number of clock pulses given by the caller; nothing here runs
 * by itself.
 *
 * <p>The state is a waveform (mode, count, start) plus at most one count waiting to take over; what
 * OUT and the counting element are at any pulse follows by arithmetic.
 */
final class PitChannel {
  /** Bits 5 and 4 of the control word: which bytes of the count are read and written. */
  private enum Access {
    LATCH_COMMAND,
    LOW_BYTE,
    HIGH_BYTE,
    LOW_THEN_HIGH;

    static final Access[] VALUES = values();
  }

  private static final int STATUS_OUT = 0x80;
  private static final int STATUS_NULL_COUNT = 0x40;
  private static final int CONTROL_WORD = 0x3f;
  private static final long BINARY_MODULUS = 0x10000;
  private static final long BCD_MODULUS = 10_000;
  private static final long NOT_LOADED = Long.MAX_VALUE;
  private static final int EMPTY = -1;

  private int control;
  private PitMode mode = PitMode.INTERRUPT_ON_TERMINAL_COUNT;
  private Access access = Access.LOW_THEN_HIGH;
  private boolean bcd;

  private long count = BINARY_MODULUS;

  /** The pulse at which {@link #count} was, or will be, loaded. */
  private long start = NOT_LOADED;

  private long nextCount;

  /** The pulse at which {@link #nextCount} takes over. */
  private long nextStart = NOT_LOADED;

  /** Written and waiting for a trigger (modes 1 and 5). */
  private boolean awaitingTrigger;

  private boolean gate;

  /** Pulses counted before GATE fell (modes 0 and 4). */
  private long pausedAt = NOT_LOADED;

  private int writtenLow = EMPTY;
  private boolean readHighNext;
  private int latchedCount = EMPTY;
  private int latchedStatus = EMPTY;

  PitChannel(boolean gate) {
    this.gate = gate;
  }

  /** Takes a control word for this channel (not a latch or read-back command). */
  void writeControl(int value) {
    control = value & CONTROL_WORD;
    access = Access.VALUES[value >>> 4 & 3];
    mode = PitMode.of(value >>> 1 & 7);
    bcd = (value & 1) != 0;
    start = NOT_LOADED;
    nextStart = NOT_LOADED;
    awaitingTrigger = false;
    pausedAt = NOT_LOADED;
    writtenLow = EMPTY;
    readHighNext = false;
    latchedCount = EMPTY;
    latchedStatus = EMPTY;
  }

  /** Takes one byte of a count; the counter acts when the last byte is there. */
  void writeCount(int value, long pulse) {
    switch (access) {
      case LOW_BYTE -> loadCount(value, pulse);
      case HIGH_BYTE -> loadCount(value << 8, pulse);
      case LATCH_COMMAND, LOW_THEN_HIGH -> {
        if (writtenLow == EMPTY) {
          writtenLow = value;
          if (mode == PitMode.INTERRUPT_ON_TERMINAL_COUNT) {
            // "Writing the first byte disables counting. OUT is set low immediately."
            start = NOT_LOADED;
            pausedAt = NOT_LOADED;
          }
        } else {
          int whole = value << 8 | writtenLow;
          writtenLow = EMPTY;
          loadCount(whole, pulse);
        }
      }
    }
  }

  private void loadCount(int raw, long pulse) {
    settle(pulse);
    long n = raw == 0 ? modulus() : bcd ? fromBcd(raw) : raw;
    if (mode.isTriggered()) {
      nextCount = n;
      awaitingTrigger = true;
    } else if (mode.isPeriodic() && isCounting(pulse)) {
      if (nextStart == NOT_LOADED) {
        nextStart = start + mode.nextReload(count, pulse - start);
      }
      nextCount = n;
    } else {
      // "The count is loaded on the next CLK pulse."
      count = n;
      start = pulse + 1;
      nextStart = NOT_LOADED;
      pausedAt = gate || mode.isPeriodic() ? NOT_LOADED : 0;
    }
  }

  /** Drives GATE. */
  void setGate(boolean high, long pulse) {
    if (high == gate) {
      return;
    }
    settle(pulse);
    gate = high;
    switch (mode) {
      case INTERRUPT_ON_TERMINAL_COUNT, SOFTWARE_STROBE -> pauseOrResume(high, pulse);
      case RATE_GENERATOR, SQUARE_WAVE -> {
        if (high && start != NOT_LOADED) {
          restart(nextStart == NOT_LOADED ? count : nextCount, pulse);
        }
      }
      case HARDWARE_ONE_SHOT, HARDWARE_STROBE -> {
        if (high && (awaitingTrigger || start != NOT_LOADED)) {
          restart(awaitingTrigger ? nextCount : count, pulse);
          awaitingTrigger = false;
        }
      }
    }
  }

  private void pauseOrResume(boolean high, long pulse) {
    if (start == NOT_LOADED) {
      return;
    }
    if (!high) {
      pausedAt = Math.max(0, pulse - start);
    } else if (pausedAt != NOT_LOADED) {
      start = Math.max(start, pulse) - pausedAt;
      pausedAt = NOT_LOADED;
    }
  }

  private void restart(long n, long pulse) {
    count = n;
    start = pulse + 1;
    nextStart = NOT_LOADED;
  }

  /** The OUT pin at {@code pulse}. */
  boolean out(long pulse) {
    settle(pulse);
    if (start == NOT_LOADED || pulse < start || isHeldByGate()) {
      return mode.initialOut();
    }
    return mode.out(count, elapsed(pulse));
  }

  /** The first pulse after {@code pulse} at which OUT rises, or {@link PitMode#NEVER}. */
  long nextRise(long pulse) {
    settle(pulse);
    if (start == NOT_LOADED || (!gate && !mode.isTriggered())) {
      return PitMode.NEVER;
    }
    long rise = mode.nextRise(count, Math.max(0, pulse - start));
    if (rise == PitMode.NEVER) {
      return PitMode.NEVER;
    }
    if (start + rise > nextStart) {
      // The new count takes over before: in mode 3 with the low half, so its first rise ends that.
      return startOfNext() + nextCount;
    }
    return start + rise;
  }

  /** The counter-latch command: ignored while an earlier latch has not been read. */
  void latchCount(long pulse) {
    if (latchedCount == EMPTY) {
      latchedCount = visibleCount(pulse);
    }
  }

  /** The read-back command's status latch: ignored while an earlier one has not been read. */
  void latchStatus(long pulse) {
    if (latchedStatus == EMPTY) {
      boolean high = out(pulse);
      latchedStatus =
          (high ? STATUS_OUT : 0) | (isNullCount(pulse) ? STATUS_NULL_COUNT : 0) | control;
    }
  }

  /** Reads the next byte: latched status first, then the latched count, else the running count. */
  int read(long pulse) {
    if (latchedStatus != EMPTY) {
      int status = latchedStatus;
      latchedStatus = EMPTY;
      return status;
    }
    int value = latchedCount == EMPTY ? visibleCount(pulse) : latchedCount;
    boolean twoBytes = access == Access.LOW_THEN_HIGH || access == Access.LATCH_COMMAND;
    boolean high = access == Access.HIGH_BYTE || (twoBytes && readHighNext);
    readHighNext = twoBytes && !readHighNext;
    if (!readHighNext) {
      latchedCount = EMPTY;
    }
    return high ? value >>> 8 : value & 0xff;
  }

  private int visibleCount(long pulse) {
    settle(pulse);
    long value =
        start == NOT_LOADED || pulse < start
            ? count % modulus()
            : mode.count(count, elapsed(pulse), modulus());
    return (int) (bcd ? toBcd(value) : value);
  }

  private boolean isNullCount(long pulse) {
    return start == NOT_LOADED || pulse < start || nextStart != NOT_LOADED || awaitingTrigger;
  }

  private boolean isCounting(long pulse) {
    return start != NOT_LOADED && pulse >= start && !isHeldByGate();
  }

  private boolean isHeldByGate() {
    return !gate && mode.isPeriodic();
  }

  private long elapsed(long pulse) {
    if (pausedAt != NOT_LOADED) {
      return pausedAt;
    }
    return isHeldByGate() ? 0 : pulse - start;
  }

  /** Lets a waiting count take over once its time has come. */
  private void settle(long pulse) {
    if (nextStart <= pulse && !isHeldByGate()) {
      start = startOfNext();
      count = nextCount;
      nextStart = NOT_LOADED;
    }
  }

  /**
   * Where the next waveform's d = 0 lies: in mode 3 a count that takes over at the fall begins with
   * its low half.
   */
  private long startOfNext() {
    boolean atFall = mode == PitMode.SQUARE_WAVE && (nextStart - start) % count != 0;
    return atFall ? nextStart - PitMode.highHalf(nextCount) : nextStart;
  }

  private long modulus() {
    return bcd ? BCD_MODULUS : BINARY_MODULUS;
  }

  private static long fromBcd(int raw) {
    return (raw >>> 12 & 0xf) * 1000L
        + (raw >>> 8 & 0xf) * 100L
        + (raw >>> 4 & 0xf) * 10L
        + (raw & 0xf);
  }

  private static long toBcd(long value) {
    return value / 1000 % 10 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
  }
}

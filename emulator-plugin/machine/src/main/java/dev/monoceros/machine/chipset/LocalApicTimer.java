package dev.monoceros.machine.chipset;

import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;

/**
 * The timer of a local APIC (SDM volume 3, section 11.5.4): counts down from the initial count at
 * the rate of the core crystal clock, 1 GHz, over the divider. One-shot and periodic; TSC-deadline
 * is not offered.
 */
final class LocalApicTimer {
  private static final long COUNT_MASK = 0xffff_ffffL;

  private final EventQueue events;
  private final Event expiry;
  private final Runnable expired;
  private boolean periodic;
  private boolean masked = true;
  private int divideConfiguration;
  private long initial;

  /** Ns of virtual time at which the count was {@link #initial}; meaningful while it counts. */
  private long start;

  /** What the count was at {@link #start}: the initial count, unless the divider was changed. */
  private long from;

  private boolean counting;

  /**
   * @param expired runs whenever the count reaches 0 and the timer is not masked
   */
  LocalApicTimer(EventQueue events, Runnable expired) {
    this.events = events;
    this.expired = expired;
    this.expiry = events.create(this::expire);
  }

  void reset() {
    events.cancel(expiry);
    periodic = false;
    masked = true;
    divideConfiguration = 0;
    initial = 0;
    counting = false;
  }

  /** The mode and mask bits of the LVT entry. */
  void program(boolean newPeriodic, boolean newMasked) {
    if (newPeriodic != periodic) {
      rebase();
      periodic = newPeriodic;
    }
    masked = newMasked;
    arm();
  }

  /** The divide configuration register. */
  int divideConfiguration() {
    return divideConfiguration;
  }

  /** Figure 11-10: bits 0, 1 and 3; the count goes on from where it is. */
  void divideConfiguration(int value) {
    rebase();
    divideConfiguration = value & 0xb;
    arm();
  }

  long initialCount() {
    return initial;
  }

  /** Starts the timer; 0 stops it. */
  void initialCount(long count) {
    initial = count & COUNT_MASK;
    from = initial;
    start = events.clock().now();
    counting = initial != 0;
    arm();
  }

  long currentCount() {
    if (!counting) {
      return 0;
    }
    long gone = (events.clock().now() - start) / period();
    if (gone < from) {
      return from - gone;
    }
    if (!periodic) {
      return 0;
    }
    return initial - (gone - from) % initial;
  }

  /** Ns of virtual time for one count. */
  private long period() {
    // 000 is by 2, 110 by 128, 111 by 1.
    int code = divideConfiguration & 3 | (divideConfiguration & 8) >>> 1;
    return 1L << (code + 1 & 7);
  }

  /** Makes now the start, with the present count. */
  private void rebase() {
    if (counting) {
      from = currentCount();
      start = events.clock().now();
      counting = from != 0;
    }
  }

  private void arm() {
    if (!counting || masked) {
      events.cancel(expiry);
      return;
    }
    long gone = (events.clock().now() - start) / period();
    if (gone < from) {
      events.arm(expiry, start + from * period());
    } else if (periodic) {
      long next = from + ((gone - from) / initial + 1) * initial;
      events.arm(expiry, start + next * period());
    } else {
      events.cancel(expiry);
    }
  }

  private void expire() {
    if (periodic) {
      // Re-armed from the expiry's own time, so that a late look at the queue makes no drift.
      start = expiry.at();
      from = initial;
      events.arm(expiry, start + initial * period());
    }
    expired.run();
  }
}

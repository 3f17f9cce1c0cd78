package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.IoRegion;
import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.Frequency;
import dev.monoceros.machine.time.VirtualClock;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The high precision event timers (IA-PC HPET specification 1.0a): a 64-bit main counter and three
 * comparators, each one-shot and periodic, 32 and 64 bits wide, edge and level triggered. Messages
 * (FSB delivery) are not offered.
 *
 * <p>The counter runs at 100 MHz as QEMU's does. That is exactly 10 ns a tick, so that the period
 * register, which counts femtoseconds, states the frequency without an error; 14.318 MHz has no
 * such number.
 *
 * <p>Matches are worked out when somebody looks; an event exists only while an enabled interrupt
 * has yet to happen.
 */
public final class Hpet implements IoRegion {
  /** Where PCs have it. */
  public static final long ADDRESS = 0xfed0_0000L;

  /** Bytes of registers: section 2.3.1. */
  public static final int LENGTH = 0x400;

  /** Ticks of the main counter. */
  public static final Frequency FREQUENCY = new Frequency(100_000_000);

  /**
   * The low half of the capabilities register, which the ACPI table repeats: legacy replacement,
   * 64-bit counter, three timers, revision 1.
   */
  public static final long BLOCK_ID = 0x8086_a201L;

  private static final int TIMERS = 3;
  private static final long FEMTOSECONDS_PER_SECOND = 1_000_000_000_000_000L;
  private static final int PERIOD_SHIFT = 32;

  private static final int CAPABILITIES = 0x000;
  private static final int CONFIGURATION = 0x010;
  private static final int INTERRUPT_STATUS = 0x020;
  private static final int MAIN_COUNTER = 0x0f0;
  private static final int FIRST_TIMER = 0x100;
  private static final int TIMER_SPACING = 0x20;
  private static final int TIMER_CONFIGURATION = 0x00;
  private static final int TIMER_COMPARATOR = 0x08;

  private static final long ENABLE = 1;
  private static final long LEGACY_REPLACEMENT = 1 << 1;
  private static final int LEGACY_TIMERS = 2;

  /**
   * Periods down to one tick are allowed, and no CPU could keep up: interrupts of shorter periods
   * than this, in ticks, come only this often, so that a guest cannot keep the host busy with them.
   */
  private static final long LEAST_PERIOD = 100;

  /**
   * What an access takes, about as on PCs. Linux's driver of /dev/hpet reads the counter and sets a
   * comparator for some milliseconds; were that for nothing, it would do so ten thousands of times.
   */
  private static final long ACCESS_NANOS = 1_000;

  private final VirtualClock clock;
  private final EventQueue events;
  private final Event wake;
  private final LegacyReplacement legacy;
  private final HpetTimer[] timers = new HpetTimer[TIMERS];
  private final HpetWires wires;

  private long configuration;
  private long status;

  /** The counter's value at tick 0 of the clock if it runs, else its value. */
  private long counterBase;

  /** When the event last ran. */
  private long wokenAt;

  /**
   * A block after reset, halted.
   *
   * @param inputs the I/O APIC's inputs by number, asked for those in {@code routes} only
   * @param routes a bit for each input, 0 to 31, that the timers may be routed to
   * @param legacy the way to IRQ 0 and IRQ 8
   */
  public Hpet(
      EventQueue events, IntFunction<InterruptLine> inputs, long routes, LegacyReplacement legacy) {
    if (routes >>> Integer.SIZE != 0) {
      throw new IllegalArgumentException("HPET routes 0x%x are not 32 bits".formatted(routes));
    }
    this.clock = events.clock();
    this.events = events;
    this.wake = events.create(this::wake);
    this.legacy = legacy;
    Arrays.setAll(timers, i -> new HpetTimer(routes));
    this.wires = new HpetWires(TIMERS, inputs, routes, legacy);
  }

  /** Claims the registers. */
  public void attach(AddressBus mmio) {
    mmio.register("HPET", ADDRESS, LENGTH, this);
  }

  @Override
  public long read(long offset, int size) {
    stall(offset);
    int register = (int) offset & -Long.BYTES;
    if (register != MAIN_COUNTER) {
      refresh();
    }
    int shift = Byte.SIZE * (int) (offset % Long.BYTES);
    return register(register) >>> shift;
  }

  /** Section 2.3.2: 32 and 64 bits, naturally aligned; anything else is ignored. */
  @Override
  public void write(long offset, int size, long value) {
    if (size < Integer.BYTES || offset % size != 0) {
      return;
    }
    stall(offset);
    refresh();
    int shift = Byte.SIZE * (int) (offset % Long.BYTES);
    long written = size == Long.BYTES ? -1 : 0xffff_ffffL << shift;
    writeRegister((int) offset & -Long.BYTES, value << shift, written);
    refresh();
  }

  /**
   * Not for a high half: the engine makes an access of 64 bits two of 32, the low one first,
   * between which no time may pass.
   */
  private void stall(long offset) {
    if (offset % Long.BYTES == 0) {
      clock.stall(ACCESS_NANOS);
    }
  }

  private long register(int offset) {
    return switch (offset) {
      case CAPABILITIES -> FEMTOSECONDS_PER_SECOND / FREQUENCY.hertz() << PERIOD_SHIFT | BLOCK_ID;
      case CONFIGURATION -> configuration;
      case INTERRUPT_STATUS -> status;
      case MAIN_COUNTER -> counter();
      default -> timerRegister(offset);
    };
  }

  private long timerRegister(int offset) {
    HpetTimer timer = timerAt(offset);
    if (timer == null) {
      return 0;
    }
    return switch (offset % TIMER_SPACING) {
      case TIMER_CONFIGURATION -> timer.config();
      case TIMER_COMPARATOR -> timer.comparator();
      default -> 0;
    };
  }

  private void writeRegister(int offset, long value, long written) {
    switch (offset) {
      case CONFIGURATION -> configure(HpetTimer.merge(configuration, value, written));
      // Section 2.3.6: writing one clears.
      case INTERRUPT_STATUS -> status &= ~(value & written);
      case MAIN_COUNTER -> {
        // Section 2.3.7: "should only be done while the counter is halted".
        if (!isRunning()) {
          counterBase = HpetTimer.merge(counterBase, value, written);
        }
      }
      default -> writeTimer(offset, value, written);
    }
  }

  private void writeTimer(int offset, long value, long written) {
    HpetTimer timer = timerAt(offset);
    if (timer == null) {
      return;
    }
    switch (offset % TIMER_SPACING) {
      case TIMER_CONFIGURATION -> timer.writeConfig(value, written);
      case TIMER_COMPARATOR -> timer.writeComparator(value, written, counter());
      default -> {
        // FSB delivery is not offered.
      }
    }
  }

  private HpetTimer timerAt(int offset) {
    int index = Math.floorDiv(offset - FIRST_TIMER, TIMER_SPACING);
    return index >= 0 && index < TIMERS ? timers[index] : null;
  }

  private void configure(long value) {
    boolean wasRunning = isRunning();
    long counter = counter();
    configuration = value & (ENABLE | LEGACY_REPLACEMENT);
    counterBase = isRunning() ? counter - ticks() : counter;
    if (isRunning() && !wasRunning) {
      for (HpetTimer timer : timers) {
        timer.rearm(counter);
      }
    }
    // The old ends of the wires go down before the switch is thrown.
    driveWires();
    legacy.replace((configuration & LEGACY_REPLACEMENT) != 0);
  }

  private void wake() {
    wokenAt = ticks();
    refresh();
  }

  /** Takes all matches up to now, drives the wires and arms the next event. */
  private void refresh() {
    if (isRunning()) {
      long counter = counter();
      for (int i = 0; i < TIMERS; i++) {
        if (timers[i].matchUpTo(counter)) {
          matched(i);
        }
      }
    }
    driveWires();
    armWake();
  }

  private void matched(int index) {
    HpetTimer timer = timers[index];
    if (timer.isLevelTriggered()) {
      // Section 2.3.8, INT_ENB_CNF: the status is set whether the interrupt is enabled or not.
      status |= 1L << index;
    } else if (timer.isEnabled()) {
      wires.pulse(index);
    }
  }

  private void driveWires() {
    for (int i = 0; i < TIMERS; i++) {
      HpetTimer timer = timers[i];
      boolean live = isRunning() && timer.isEnabled();
      if (isLegacy(i)) {
        wires.routeLegacy(i);
      } else {
        wires.route(i, timer.isRouted() ? timer.route() : HpetWires.NOWHERE);
      }
      if (timer.isLevelTriggered()) {
        wires.level(i, live && (status >>> i & 1) != 0);
      } else {
        wires.edge(i, live);
      }
    }
  }

  private void armWake() {
    long next = HpetTimer.NEVER;
    for (int i = 0; i < TIMERS; i++) {
      HpetTimer timer = timers[i];
      boolean asked = timer.isLevelTriggered() && (status >>> i & 1) != 0;
      if (isRunning() && timer.isEnabled() && !asked) {
        next = Math.min(next, nextMatch(timer));
      }
    }
    if (next == HpetTimer.NEVER) {
      events.cancel(wake);
    } else {
      events.arm(wake, FREQUENCY.nanosAt(next));
    }
  }

  /** In ticks of the clock. All matches up to now have been taken. */
  private long nextMatch(HpetTimer timer) {
    long wait = timer.ticksToMatch();
    if (wait > HpetTimer.NEVER - ticks()) {
      return HpetTimer.NEVER;
    }
    long match = ticks() + wait;
    return timer.isFasterThan(LEAST_PERIOD) ? Math.max(match, wokenAt + LEAST_PERIOD) : match;
  }

  private boolean isLegacy(int index) {
    return index < LEGACY_TIMERS && (configuration & LEGACY_REPLACEMENT) != 0;
  }

  private boolean isRunning() {
    return (configuration & ENABLE) != 0;
  }

  private long counter() {
    return isRunning() ? counterBase + ticks() : counterBase;
  }

  private long ticks() {
    return FREQUENCY.ticksAt(clock.now());
  }
}

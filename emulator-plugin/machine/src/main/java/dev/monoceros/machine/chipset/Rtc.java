package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.VirtualClock;
import java.time.Instant;

/**
 * The MC146818 real-time clock with 128 bytes of CMOS RAM at ports 0x70 (index, and NMI mask in bit
 * 7) and 0x71 (data), on IRQ 8. The century is at 0x32, where the FADT says it is.
 *
 * <p>The time is the configured instant plus virtual time. Interrupt flags are worked out when
 * somebody looks; an event exists only while an enabled interrupt has yet to happen, so an
 * interrupt that the guest never acknowledges costs nothing.
 */
public final class Rtc implements ByteRegion {
  /** The register that holds the century. */
  public static final int CENTURY = 0x32;

  private static final int PORT = 0x70;
  private static final int INDEX = 0;
  private static final int INDEX_MASK = 0x7f;
  private static final int NOTHING_DRIVES_BUS = 0xff;

  private static final int SECONDS_ALARM = 0x01;
  private static final int MINUTES_ALARM = 0x03;
  private static final int HOURS_ALARM = 0x05;
  private static final int REGISTER_A = 0x0a;
  private static final int REGISTER_B = 0x0b;
  private static final int REGISTER_C = 0x0c;
  private static final int REGISTER_D = 0x0d;

  private static final int A_UPDATE_IN_PROGRESS = 0x80;
  private static final int A_RATE = 0x0f;
  private static final int A_DIVIDER_SHIFT = 4;
  private static final int B_SET = 0x80;
  private static final int B_BINARY = 0x04;
  private static final int B_HOURS_24 = 0x02;
  private static final int C_INTERRUPT_REQUEST = 0x80;
  private static final int C_PERIODIC = 0x40;
  private static final int C_ALARM = 0x20;
  private static final int C_UPDATE_ENDED = 0x10;
  private static final int C_FLAGS = C_PERIODIC | C_ALARM | C_UPDATE_ENDED;
  private static final int D_VALID_RAM_AND_TIME = 0x80;

  private final VirtualClock clock;
  private final EventQueue events;
  private final InterruptLine irq8;
  private final Event wake;
  private final RtcCounter counter;
  private final int[] ram = new int[INDEX_MASK + 1];

  private int index;
  private int control;
  private int flags;

  /** Flags hold everything that happened up to this ns. */
  private long flagsUpTo;

  /** A clock that shows {@code epoch} at power-on, running, 24 hours, BCD. */
  public Rtc(EventQueue events, Instant epoch, InterruptLine irq8) {
    this.clock = events.clock();
    this.events = events;
    this.irq8 = irq8;
    this.wake = events.create(this::refresh);
    this.counter = new RtcCounter(epoch, clock.now());
    this.flagsUpTo = clock.now();
    this.control = B_HOURS_24;
  }

  /** Claims ports 0x70 and 0x71. */
  public void attach(AddressBus ports) {
    ports.register("RTC", PORT, 2, this);
  }

  @Override
  public int readByte(int offset) {
    return offset == INDEX ? NOTHING_DRIVES_BUS : readRegister();
  }

  @Override
  public void writeByte(int offset, int value) {
    if (offset == INDEX) {
      index = value & INDEX_MASK;
    } else {
      writeRegister(value);
    }
  }

  private int readRegister() {
    long now = clock.now();
    return switch (index) {
      case RtcCalendar.SECONDS,
          RtcCalendar.MINUTES,
          RtcCalendar.HOURS,
          RtcCalendar.DAY_OF_WEEK,
          RtcCalendar.DAY_OF_MONTH,
          RtcCalendar.MONTH,
          RtcCalendar.YEAR ->
          isSet()
              ? ram[index]
              : calendar().show(index, counter.dateTime(now), counter.dayOfWeek(now));
      case CENTURY -> isSet() ? ram[index] : calendar().showCentury(counter.dateTime(now));
      case REGISTER_A ->
          counter.divider() << A_DIVIDER_SHIFT
              | counter.rate()
              | (!isSet() && counter.updateIsNear(now) ? A_UPDATE_IN_PROGRESS : 0);
      case REGISTER_B -> control;
      case REGISTER_C -> readFlags();
      case REGISTER_D -> D_VALID_RAM_AND_TIME;
      default -> ram[index];
    };
  }

  /** "All flags are cleared by a read of register C", and with them the interrupt. */
  private int readFlags() {
    refresh();
    int value = flags | (isRequesting() ? C_INTERRUPT_REQUEST : 0);
    flags = 0;
    refresh();
    return value;
  }

  private void writeRegister(int value) {
    collectFlags();
    switch (index) {
      case RtcCalendar.SECONDS,
          RtcCalendar.MINUTES,
          RtcCalendar.HOURS,
          RtcCalendar.DAY_OF_WEEK,
          RtcCalendar.DAY_OF_MONTH,
          RtcCalendar.MONTH,
          RtcCalendar.YEAR,
          CENTURY ->
          writeTime(value);
      case REGISTER_A ->
          counter.program(value >>> A_DIVIDER_SHIFT & 7, value & A_RATE, clock.now());
      case REGISTER_B -> writeControl(value);
      case REGISTER_C, REGISTER_D -> {}
      default -> ram[index] = value;
    }
    refresh();
  }

  private void writeTime(int value) {
    if (isSet()) {
      ram[index] = value;
      return;
    }
    freezeTime();
    ram[index] = value;
    thawTime();
  }

  private void writeControl(int value) {
    boolean wasSet = isSet();
    boolean set = (value & B_SET) != 0;
    if (set && !wasSet) {
      freezeTime();
    }
    // "UIE is cleared by the SET bit going high."
    control = set ? value & ~C_UPDATE_ENDED : value;
    if (!set && wasSet) {
      thawTime();
    }
  }

  /** Copies the running time into the registers, where it stays while SET is one. */
  private void freezeTime() {
    long now = clock.now();
    RtcCalendar calendar = calendar();
    for (int register : RtcCounter.TIME_REGISTERS) {
      ram[register] = calendar.show(register, counter.dateTime(now), counter.dayOfWeek(now));
    }
    ram[CENTURY] = calendar.showCentury(counter.dateTime(now));
  }

  private void thawTime() {
    RtcCalendar calendar = calendar();
    counter.setTime(
        calendar.epochSecond(ram, ram[CENTURY]),
        calendar.decode(ram[RtcCalendar.DAY_OF_WEEK]),
        clock.now());
  }

  /** Brings flags, IRQ 8 and the next event up to date. */
  private void refresh() {
    collectFlags();
    irq8.set(isRequesting());
    long next = nextFlagOf(control & ~flags & C_FLAGS, flagsUpTo);
    if (next == RtcCounter.NEVER) {
      events.cancel(wake);
    } else {
      events.arm(wake, next);
    }
  }

  private void collectFlags() {
    long now = clock.now();
    for (int flag = C_UPDATE_ENDED; flag <= C_PERIODIC; flag <<= 1) {
      if (nextFlagOf(flag, flagsUpTo) <= now) {
        flags |= flag;
      }
    }
    flagsUpTo = now;
  }

  /** When, after {@code after}, the first of these flags goes up. */
  private long nextFlagOf(int wanted, long after) {
    long next = RtcCounter.NEVER;
    if ((wanted & C_PERIODIC) != 0) {
      next = Math.min(next, counter.nextPeriod(after));
    }
    // "While SET is one, update cycles are inhibited", and with them alarms.
    if ((wanted & C_UPDATE_ENDED) != 0 && !isSet()) {
      next = Math.min(next, counter.nextSecond(after));
    }
    if ((wanted & C_ALARM) != 0 && !isSet()) {
      RtcAlarm alarm =
          RtcAlarm.of(calendar(), ram[HOURS_ALARM], ram[MINUTES_ALARM], ram[SECONDS_ALARM]);
      next = Math.min(next, counter.nextAlarm(alarm, after));
    }
    return next;
  }

  private boolean isRequesting() {
    return (flags & control & C_FLAGS) != 0;
  }

  private boolean isSet() {
    return (control & B_SET) != 0;
  }

  private RtcCalendar calendar() {
    return new RtcCalendar((control & B_BINARY) != 0, (control & B_HOURS_24) != 0);
  }
}

package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.IoRegion;
import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.Frequency;
import dev.monoceros.machine.time.VirtualClock;
import java.util.Objects;

/**
 * ACPI fixed hardware (ACPI 6.3, section 4.8.3): PM1a event and control blocks, and the power
 * management timer. The machine is always in ACPI mode: there is no SMI command port, SCI_EN reads
 * one.
 */
public final class AcpiPm {
  /** PM1a event block: status, then enable, 16 bits each. */
  public static final int EVENT_PORT = 0x600;

  /** Bytes of the PM1a event block. */
  public static final int EVENT_LENGTH = 4;

  /** PM1a control block. */
  public static final int CONTROL_PORT = 0x604;

  /** Bytes of the PM1a control block. */
  public static final int CONTROL_LENGTH = 2;

  /** PM timer, 32 bits wide. */
  public static final int TIMER_PORT = 0x608;

  /** Bytes of the PM timer. */
  public static final int TIMER_LENGTH = 4;

  /** The SLP_TYP value of S5, soft off, as the DSDT's _S5 says. */
  public static final int SLEEP_TYPE_S5 = 5;

  /** ACPI 6.3, section 4.8.3.3: 3.579545 MHz. */
  public static final Frequency TIMER_FREQUENCY = new Frequency(3_579_545);

  private static final int TIMER_EVENT = 0x0001;
  private static final int GLOBAL_EVENT = 0x0020;
  private static final int POWER_BUTTON_EVENT = 0x0100;

  /** Never happens here, but operating systems enable it and check that it took. */
  private static final int RTC_EVENT = 0x0400;

  private static final int WAKE_STATUS = 0x8000;
  private static final int STATUS_BITS =
      TIMER_EVENT | GLOBAL_EVENT | POWER_BUTTON_EVENT | WAKE_STATUS;
  private static final int ENABLE_BITS =
      TIMER_EVENT | GLOBAL_EVENT | POWER_BUTTON_EVENT | RTC_EVENT;

  private static final int SCI_ENABLED = 0x0001;
  private static final int BUS_MASTER_RELOAD = 0x0002;
  private static final int SLEEP_TYPE_SHIFT = 10;
  private static final int SLEEP_TYPE_MASK = 0x7;
  private static final int SLEEP_ENABLE = 0x2000;
  private static final int CONTROL_BITS = BUS_MASTER_RELOAD | SLEEP_TYPE_MASK << SLEEP_TYPE_SHIFT;

  /** TMR_STS goes up whenever the timer's top bit changes. */
  private static final long TIMER_HALF = 1L << 31;

  private final VirtualClock clock;
  private final EventQueue events;
  private final InterruptLine sci;
  private final MachineControl machine;
  private final Event timerCarry;

  private int status;
  private int enable;
  private int control;
  private long statusUpTo;

  /** The registers in their power-on state. */
  public AcpiPm(EventQueue events, InterruptLine sci, MachineControl machine) {
    this.clock = events.clock();
    this.events = events;
    this.sci = sci;
    this.machine = Objects.requireNonNull(machine);
    this.timerCarry = events.create(this::refresh);
  }

  /** Claims the three blocks. */
  public void attach(AddressBus ports) {
    ports.register("ACPI PM1a event block", EVENT_PORT, EVENT_LENGTH, new EventBlock());
    ports.register("ACPI PM1a control block", CONTROL_PORT, CONTROL_LENGTH, new ControlBlock());
    ports.register("ACPI PM timer", TIMER_PORT, TIMER_LENGTH, new Timer());
  }

  /** Somebody presses the power button; an operating system that listens shuts down. */
  public void pressPowerButton() {
    status |= POWER_BUTTON_EVENT;
    refresh();
  }

  private long ticks() {
    return TIMER_FREQUENCY.ticksAt(clock.now());
  }

  private void refresh() {
    long now = ticks();
    if (now / TIMER_HALF != statusUpTo / TIMER_HALF) {
      status |= TIMER_EVENT;
    }
    statusUpTo = now;
    sci.set((status & enable) != 0);
    if ((enable & ~status & TIMER_EVENT) != 0) {
      events.arm(timerCarry, TIMER_FREQUENCY.nanosAt((now / TIMER_HALF + 1) * TIMER_HALF));
    } else {
      events.cancel(timerCarry);
    }
  }

  private void writeControl(int value) {
    control = value & CONTROL_BITS;
    boolean sleeps = (value & SLEEP_ENABLE) != 0;
    // SLP_EN is write-only; S5 is the only sleeping state that the DSDT offers.
    if (sleeps && (value >>> SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK) == SLEEP_TYPE_S5) {
      machine.powerOff();
    }
  }

  /** PM1_STS (write one to clear) and PM1_EN. */
  private final class EventBlock implements ByteRegion {
    private static final int ENABLE_OFFSET = 2;

    @Override
    public int readByte(int offset) {
      refresh();
      int register = offset < ENABLE_OFFSET ? status : enable;
      return register >>> (8 * (offset & 1)) & 0xff;
    }

    @Override
    public void writeByte(int offset, int value) {
      refresh();
      int shift = 8 * (offset & 1);
      if (offset < ENABLE_OFFSET) {
        status &= ~(value << shift & STATUS_BITS);
      } else {
        enable = ((enable & ~(0xff << shift)) | (value << shift)) & ENABLE_BITS;
      }
      refresh();
    }
  }

  /** PM1_CNT. Byte accesses are put together: SLP_TYP and SLP_EN both lie in the upper byte. */
  private final class ControlBlock implements IoRegion {
    @Override
    public long read(long offset, int size) {
      long value = control | SCI_ENABLED;
      return value >>> (8 * offset);
    }

    @Override
    public void write(long offset, int size, long value) {
      int shift = (int) (8 * offset);
      int mask = size == 1 ? 0xff << shift : 0xffff;
      writeControl((control & ~mask) | (((int) value << shift) & mask));
    }
  }

  private final class Timer implements IoRegion {
    @Override
    public long read(long offset, int size) {
      return (ticks() & 0xffff_ffffL) >>> (8 * offset);
    }

    @Override
    public void write(long offset, int size, long value) {
      // Read-only: ACPI 6.3, section 4.8.3.3.
    }
  }
}

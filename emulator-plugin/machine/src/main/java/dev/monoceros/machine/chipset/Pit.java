package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.Frequency;
import dev.monoceros.machine.time.VirtualClock;

/**
 * The 8254 programmable interval timer (Intel data sheet 231164-005) at ports 0x40 to 0x43, with
 * the PC's wiring: channel 0 drives IRQ 0, channel 1 is the refresh request, channel 2 has its gate
 * and output in port 0x61.
 *
 * <p>The only events it needs are the rising edges of channel 0.
 */
public final class Pit implements ByteRegion {
  /** 105/88 MHz, as Linux rounds it. */
  public static final Frequency FREQUENCY = new Frequency(1_193_182);

  private static final int FIRST_PORT = 0x40;
  private static final int PORTS = 4;
  private static final int CONTROL = 3;
  private static final int SPEAKER_PORT = 0x61;

  private static final int SELECT_SHIFT = 6;
  private static final int READ_BACK = 3;
  private static final int ACCESS_BITS = 0x30;
  private static final int READ_BACK_NO_COUNT = 0x20;
  private static final int READ_BACK_NO_STATUS = 0x10;
  private static final int NOTHING_DRIVES_BUS = 0xff;

  private final VirtualClock clock;
  private final EventQueue events;
  private final InterruptLine irq0;
  private final PitChannel[] channels = {
    new PitChannel(true), new PitChannel(true), new PitChannel(false)
  };
  private final Event tick;

  /** A timer with all channels idle. */
  public Pit(EventQueue events, InterruptLine irq0) {
    this.clock = events.clock();
    this.events = events;
    this.irq0 = irq0;
    this.tick = events.create(this::tick);
  }

  /** Claims the timer's ports and port 0x61. */
  public void attach(AddressBus ports) {
    ports.register("PIT", FIRST_PORT, PORTS, this);
    ports.register("system control port B", SPEAKER_PORT, 1, new SystemControlPortB());
  }

  @Override
  public int readByte(int offset) {
    return offset == CONTROL ? NOTHING_DRIVES_BUS : channels[offset].read(pulse());
  }

  @Override
  public void writeByte(int offset, int value) {
    int channel = offset == CONTROL ? value >>> SELECT_SHIFT : offset;
    if (offset != CONTROL) {
      channels[channel].writeCount(value, pulse());
    } else if (channel == READ_BACK) {
      readBack(value);
      return;
    } else if ((value & ACCESS_BITS) == 0) {
      channels[channel].latchCount(pulse());
      return;
    } else {
      channels[channel].writeControl(value);
    }
    if (channel == 0) {
      irq0.set(channels[0].out(pulse()));
      armTick();
    }
  }

  private void readBack(int command) {
    for (int i = 0; i < channels.length; i++) {
      if ((command >>> (i + 1) & 1) == 0) {
        continue;
      }
      if ((command & READ_BACK_NO_COUNT) == 0) {
        channels[i].latchCount(pulse());
      }
      if ((command & READ_BACK_NO_STATUS) == 0) {
        channels[i].latchStatus(pulse());
      }
    }
  }

  private void tick() {
    // OUT of modes 2 and 4 is low for a single pulse, too short for guest code to see: one event
    // does for both edges.
    irq0.set(false);
    irq0.set(true);
    armTick();
  }

  private void armTick() {
    long rise = channels[0].nextRise(pulse());
    if (rise == PitMode.NEVER) {
      events.cancel(tick);
    } else {
      events.arm(tick, FREQUENCY.nanosAt(rise));
    }
  }

  private long pulse() {
    return FREQUENCY.ticksAt(clock.now());
  }

  /**
   * Port 0x61: gate and output of channel 2, and the refresh toggle, which software uses as a
   * clock.
   */
  private final class SystemControlPortB implements ByteRegion {
    private static final int GATE2 = 0x01;
    private static final int WRITABLE = 0x0f;
    private static final int REFRESH_TOGGLE = 0x10;
    private static final int OUT2 = 0x20;

    /**
     * A refresh request every 18 pulses, 15.1 us, whatever channel 1 is programmed to: chipsets
     * stopped using it.
     */
    private static final long REFRESH_PULSES = 18;

    private int written;

    @Override
    public int readByte(int offset) {
      long now = pulse();
      int refresh = now / REFRESH_PULSES % 2 == 0 ? 0 : REFRESH_TOGGLE;
      return written | refresh | (channels[2].out(now) ? OUT2 : 0);
    }

    @Override
    public void writeByte(int offset, int value) {
      written = value & WRITABLE;
      channels[2].setGate((value & GATE2) != 0, pulse());
    }
  }
}

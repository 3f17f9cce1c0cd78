package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessage.DeliveryMode;
import dev.monoceros.machine.bus.InterruptMessages;
import dev.monoceros.machine.bus.IoRegion;
import java.util.Objects;

/**
 * An I/O APIC with 24 inputs (Intel 82093AA data sheet), with the EOI register of version 0x20.
 *
 * <p>Wires here say whether a device asserts its interrupt, not which voltage that is, so the
 * polarity bit of a redirection entry is kept and means nothing.
 */
public final class IoApic {
  /** Physical address of the registers. */
  public static final long BASE = 0xfec0_0000L;

  /** Number of inputs. */
  public static final int INPUTS = 24;

  private static final int LENGTH = 0x1000;
  private static final int SELECT = 0x00;
  private static final int WINDOW = 0x10;
  private static final int END_OF_INTERRUPT = 0x40;

  private static final int REGISTER_ID = 0x00;
  private static final int REGISTER_VERSION = 0x01;
  private static final int REGISTER_ARBITRATION = 0x02;
  private static final int REDIRECTION_TABLE = 0x10;

  private static final int VERSION = 0x20 | (INPUTS - 1) << 16;
  private static final int ID_BITS = 0x0f00_0000;

  private static final int VECTOR = 0xff;
  private static final int MODE_SHIFT = 8;
  private static final long LOGICAL = 1L << 11;
  private static final long REMOTE_IRR = 1L << 14;
  private static final long LEVEL = 1L << 15;
  private static final long MASKED = 1L << 16;
  private static final int DESTINATION_SHIFT = 56;

  /** Delivery status and remote IRR are read-only. */
  private static final long WRITABLE = 0xff00_0000_0001_afffL;

  private final InterruptMessages bus;
  private final long[] entries = new long[INPUTS];
  private int lines;
  private int select;
  private int id;

  /** All inputs masked, as after a reset. */
  public IoApic(InterruptMessages bus) {
    this.bus = Objects.requireNonNull(bus);
    for (int i = 0; i < INPUTS; i++) {
      entries[i] = MASKED;
    }
  }

  /** Claims the page of registers. */
  public void attach(AddressBus mmio) {
    mmio.register("I/O APIC", BASE, LENGTH, new Registers());
  }

  /**
   * The wire of one input.
   *
   * @param input 0 to 23
   */
  public InterruptLine line(int input) {
    Objects.checkIndex(input, INPUTS);
    return asserted -> drive(input, asserted);
  }

  private void drive(int input, boolean asserted) {
    int bit = 1 << input;
    boolean before = (lines & bit) != 0;
    if (asserted == before) {
      return;
    }
    lines = asserted ? lines | bit : lines & ~bit;
    if (asserted) {
      service(input, true);
    }
  }

  /** "Edge-sensitive interrupts signaled on a masked interrupt pin are ignored." */
  private void service(int input, boolean edge) {
    long entry = entries[input];
    if ((entry & MASKED) != 0) {
      return;
    }
    boolean level = (entry & LEVEL) != 0;
    if (level) {
      boolean high = (lines & 1 << input) != 0;
      if (!high || (entry & REMOTE_IRR) != 0) {
        return;
      }
      entries[input] |= REMOTE_IRR;
    } else if (!edge) {
      return;
    }
    bus.send(
        new InterruptMessage(
            (int) entry & VECTOR,
            DeliveryMode.of((int) entry >>> MODE_SHIFT),
            level,
            (entry & LOGICAL) != 0,
            (int) (entry >>> DESTINATION_SHIFT) & 0xff));
  }

  /**
   * A local APIC has ended a level-triggered interrupt; inputs that are still asserted ask again.
   */
  public void endOfInterrupt(int vector) {
    for (int i = 0; i < INPUTS; i++) {
      long entry = entries[i];
      if ((entry & REMOTE_IRR) != 0 && (entry & VECTOR) == vector) {
        entries[i] = entry & ~REMOTE_IRR;
        service(i, false);
      }
    }
  }

  private int readRegister() {
    int index = select - REDIRECTION_TABLE;
    if (index >= 0 && index < 2 * INPUTS) {
      return (int) (entries[index >>> 1] >>> ((index & 1) << 5));
    }
    return switch (select) {
      case REGISTER_ID, REGISTER_ARBITRATION -> id;
      case REGISTER_VERSION -> VERSION;
      default -> 0;
    };
  }

  private void writeRegister(int value) {
    int index = select - REDIRECTION_TABLE;
    if (index >= 0 && index < 2 * INPUTS) {
      writeEntry(index >>> 1, (index & 1) << 5, value);
    } else if (select == REGISTER_ID) {
      id = value & ID_BITS;
    }
  }

  private void writeEntry(int input, int shift, int value) {
    long field = 0xffff_ffffL << shift;
    long written = Integer.toUnsignedLong(value) << shift & WRITABLE & field;
    long kept = entries[input] & ~(WRITABLE & field);
    long entry = kept | written;
    // An edge-triggered interrupt has no remote IRR; drivers switch to edge and back to clear it.
    entries[input] = (entry & LEVEL) == 0 ? entry & ~REMOTE_IRR : entry;
    service(input, false);
  }

  private final class Registers implements IoRegion {
    @Override
    public long read(long offset, int size) {
      if (offset == SELECT) {
        return select;
      }
      return offset == WINDOW ? Integer.toUnsignedLong(readRegister()) : 0;
    }

    @Override
    public void write(long offset, int size, long value) {
      if (offset == SELECT) {
        select = (int) value & 0xff;
      } else if (offset == WINDOW && size >= Integer.BYTES) {
        writeRegister((int) value);
      } else if (offset == END_OF_INTERRUPT) {
        IoApic.this.endOfInterrupt((int) value & VECTOR);
      }
    }
  }
}

package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.ByteRegion;
import java.util.Objects;

/**
 * The reset control register at port 0xcf9 (Intel 82371SB, section 2.5.7): a rising RST_CPU resets
 * the machine. The port lies inside the PCI configuration address register, which only answers to
 * doublewords, so the host bridge passes byte accesses on to this.
 */
public final class ResetControl implements ByteRegion {
  /** The port. */
  public static final int PORT = 0xcf9;

  /** What to write there for a hard reset; the FADT's reset value. */
  public static final int HARD_RESET = 0x06;

  private static final int RESET_CPU = 0x04;

  private final MachineControl machine;
  private int value;

  /** The register in its power-on state. */
  public ResetControl(MachineControl machine) {
    this.machine = Objects.requireNonNull(machine);
  }

  @Override
  public int readByte(int offset) {
    return value;
  }

  @Override
  public void writeByte(int offset, int written) {
    boolean rising = (written & ~value & RESET_CPU) != 0;
    value = written;
    if (rising) {
      machine.reset("port 0xcf9");
    }
  }
}

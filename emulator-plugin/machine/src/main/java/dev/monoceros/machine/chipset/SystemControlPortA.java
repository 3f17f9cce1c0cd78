package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import java.util.Objects;

/**
 * System control port A, 0x92: fast reset in bit 0, A20 in bit 1 (readable, without effect: address
 * line 20 is never masked here).
 */
final class SystemControlPortA implements ByteRegion {
  private static final int PORT = 0x92;
  private static final int FAST_RESET = 0x01;
  private static final int A20 = 0x02;

  private final MachineControl machine;
  private int value = A20;

  SystemControlPortA(MachineControl machine) {
    this.machine = Objects.requireNonNull(machine);
  }

  void attach(AddressBus ports) {
    ports.register("system control port A", PORT, 1, this);
  }

  @Override
  public int readByte(int offset) {
    return value;
  }

  @Override
  public void writeByte(int offset, int written) {
    boolean rising = (written & ~value & FAST_RESET) != 0;
    value = written;
    if (rising) {
      machine.reset("port 0x92");
    }
  }
}

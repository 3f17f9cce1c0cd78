package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;

/** The power-on self-test port, 0x80. Linux writes to it to pass a microsecond. */
final class PostPort implements ByteRegion {
  private static final int PORT = 0x80;

  private int code;

  void attach(AddressBus ports) {
    ports.register("POST code", PORT, 1, this);
  }

  @Override
  public int readByte(int offset) {
    return code;
  }

  @Override
  public void writeByte(int offset, int value) {
    code = value;
  }
}

package dev.monoceros.machine.virtio;

import dev.monoceros.machine.bus.IoRegion;
import dev.monoceros.virtio.device.RegisterWindow;

/** A transport's registers on the machine's bus. */
record Registers(RegisterWindow window) implements IoRegion {
  @Override
  public long read(long offset, int size) {
    return window.read(offset, size);
  }

  @Override
  public void write(long offset, int size, long value) {
    window.write(offset, size, value);
  }
}

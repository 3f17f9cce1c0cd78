package dev.monoceros.machine.virtio;

import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.MmioSlots;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.mmio.InterruptPin;
import dev.monoceros.virtio.mmio.VirtioMmioTransport;

/** Puts a virtio device behind a window of memory-mapped registers. */
final class VirtioWindow {
  private VirtioWindow() {}

  /** Takes the next slot; {@code memory} is what the device reaches by DMA. */
  static void attach(String name, VirtioDevice device, GuestMemory memory, MmioSlots slots) {
    Pin pin = new Pin();
    VirtioMmioTransport transport = new VirtioMmioTransport(device, memory, pin);
    pin.line = slots.add(name, transport.windowSize(), new Registers(transport));
  }

  private static final class Pin implements InterruptPin {
    private InterruptLine line;

    @Override
    public void set(boolean asserted) {
      line.set(asserted);
    }
  }
}

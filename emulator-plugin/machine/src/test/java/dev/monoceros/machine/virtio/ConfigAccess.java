package dev.monoceros.machine.virtio;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.pci.Ecam;

/** The two ways from the CPU to a function's configuration space. */
enum ConfigAccess {
  /** Mechanism 1 (PCI 3.0, 3.2.2.3.2). */
  PORTS {
    @Override
    long read(PciRig rig, int offset, int size) {
      return rig.ports.read(select(rig.ports, rig.slot, offset), size);
    }

    @Override
    void write(PciRig rig, int offset, int size, long value) {
      rig.ports.write(select(rig.ports, rig.slot, offset), size, value);
    }

    private int select(AddressBus ports, int slot, int offset) {
      ports.write(ADDRESS_PORT, 4, ENABLE | (long) slot << 11 | offset & ~3);
      return DATA_PORT + (offset & 3);
    }
  },

  /** In memory (PCI Express Base 3.0, 7.2.2). */
  MEMORY {
    @Override
    long read(PciRig rig, int offset, int size) {
      return rig.mmio.read(address(rig.slot, offset), size);
    }

    @Override
    void write(PciRig rig, int offset, int size, long value) {
      rig.mmio.write(address(rig.slot, offset), size, value);
    }

    private long address(int slot, int offset) {
      return Ecam.BASE + ((long) slot << 15) + offset;
    }
  };

  private static final int ADDRESS_PORT = 0xcf8;
  private static final int DATA_PORT = 0xcfc;
  private static final long ENABLE = 0x8000_0000L;

  abstract long read(PciRig rig, int offset, int size);

  abstract void write(PciRig rig, int offset, int size, long value);
}

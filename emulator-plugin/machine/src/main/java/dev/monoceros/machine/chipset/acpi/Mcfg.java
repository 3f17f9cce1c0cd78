package dev.monoceros.machine.chipset.acpi;

import dev.monoceros.machine.pci.Ecam;

/** Where PCI configuration space is in memory (PCI Firmware 3.2, section 4.1.2), without header. */
final class Mcfg {
  static final int REVISION = 1;

  private static final int SEGMENT = 0;

  private Mcfg() {}

  static byte[] body() {
    return new Bytes()
        .zeroes(8)
        .u64(Ecam.BASE)
        .u16(SEGMENT)
        .u8(0)
        .u8(Ecam.LAST_BUS)
        .zeroes(4)
        .toByteArray();
  }
}

package dev.monoceros.machine.pci;

/**
 * The kinds of memory BAR, with the read-only bits that announce them (PCI 3.0, section 6.2.5.1).
 */
public enum BarKind {
  /** Anywhere below 4 GiB. One slot. */
  MEMORY_32(0x0, 1),

  /** Anywhere. Two slots. */
  MEMORY_64(0x4, 2),

  /** As {@link #MEMORY_64}, without side effects on reads. */
  MEMORY_64_PREFETCHABLE(0xc, 2);

  final int typeBits;
  final int slots;

  BarKind(int typeBits, int slots) {
    this.typeBits = typeBits;
    this.slots = slots;
  }
}

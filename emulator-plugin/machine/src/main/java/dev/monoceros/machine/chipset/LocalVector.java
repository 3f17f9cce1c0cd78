package dev.monoceros.machine.chipset;

/**
 * The entries of a local APIC's local vector table (SDM volume 3, figure 11-8), each with its
 * register and the bits of it that can be written.
 */
enum LocalVector {
  TIMER(0x320, 0x3_00ff),
  THERMAL(0x330, 0x1_07ff),
  PERFORMANCE(0x340, 0x1_07ff),
  LINT0(0x350, 0x1_a7ff),
  LINT1(0x360, 0x1_a7ff),
  ERROR(0x370, 0x1_00ff);

  /** The entry delivers nothing. */
  static final int MASKED = 1 << 16;

  /** {@link #TIMER}: the mode, one-shot or periodic. */
  static final int PERIODIC = 1 << 17;

  static final int VECTOR = 0xff;
  static final int MODE_SHIFT = 8;

  private static final LocalVector[] VALUES = values();

  final int register;
  final int writable;

  LocalVector(int register, int writable) {
    this.register = register;
    this.writable = writable;
  }

  /** The entry at a register, or null. */
  static LocalVector at(int register) {
    for (LocalVector entry : VALUES) {
      if (entry.register == register) {
        return entry;
      }
    }
    return null;
  }
}

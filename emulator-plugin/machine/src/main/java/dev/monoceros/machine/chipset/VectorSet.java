package dev.monoceros.machine.chipset;

/** A set of interrupt vectors: one of the 256-bit registers ISR, TMR and IRR of a local APIC. */
final class VectorSet {
  static final int NONE = -1;

  private static final int WORDS = 4;

  private final long[] words = new long[WORDS];

  void add(int vector) {
    words[vector >>> 6] |= 1L << vector;
  }

  void remove(int vector) {
    words[vector >>> 6] &= ~(1L << vector);
  }

  boolean contains(int vector) {
    return (words[vector >>> 6] >>> vector & 1) != 0;
  }

  void clear() {
    for (int i = 0; i < WORDS; i++) {
      words[i] = 0;
    }
  }

  /** The highest vector, which is the most urgent one; {@link #NONE} if there is none. */
  int highest() {
    for (int i = WORDS - 1; i >= 0; i--) {
      if (words[i] != 0) {
        return (i << 6) + 63 - Long.numberOfLeadingZeros(words[i]);
      }
    }
    return NONE;
  }

  /** The 32-bit register of vectors {@code 32 * index} and up. */
  int register(int index) {
    return (int) (words[index >>> 1] >>> ((index & 1) << 5));
  }
}

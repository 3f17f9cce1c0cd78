package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;

/**
 * Segment descriptors (SDM 3.4.5) and the 64-bit task-state segment (SDM 7.7), read for event
 * delivery.
 */
final class Descriptors {
  /** Place of the privilege level in the attribute word of a descriptor. */
  static final int DPL_SHIFT = 13;

  private static final int SELECTOR_LDT = 1 << 2;
  private static final int INDEX = 0xfff8;

  private final CpuState state;
  private final Mmu mmu;

  Descriptors(CpuState state, Mmu mmu) {
    this.state = state;
    this.mmu = mmu;
  }

  /**
   * The descriptor of a handler's code segment, checked as SDM 6.14 and the pseudocode of INT n
   * say.
   *
   * @throws CpuFault #GP or #NP with the selector
   */
  long handlerCode(int selector, int cpl) {
    if ((selector & ~3) == 0) {
      throw CpuFault.of(Vectors.GP, 0);
    }
    int error = selector & ~3;
    int table = (selector & SELECTOR_LDT) != 0 ? CpuState.LDTR : CpuState.GDTR;
    int index = selector & INDEX;
    if (index + 7L > state.segmentLimit(table)) {
      throw CpuFault.of(Vectors.GP, error);
    }
    long descriptor = mmu.readLong(state.segmentBase(table) + index);
    boolean code = (descriptor >>> 43 & 3) == 3;
    boolean longMode = (descriptor >>> 53 & 1) != 0;
    boolean default32 = (descriptor >>> 54 & 1) != 0;
    if (!code || privilege(descriptor) > cpl || !longMode || default32) {
      throw CpuFault.of(Vectors.GP, error);
    }
    if ((descriptor >>> 47 & 1) == 0) {
      throw CpuFault.of(Vectors.NP, error);
    }
    return descriptor;
  }

  /**
   * A stack pointer out of the TSS.
   *
   * @param offset of the field, bytes
   * @throws CpuFault #TS if the TSS is too small, #SS if the pointer is not canonical
   */
  long taskStack(long offset) {
    if (offset + 7 > state.segmentLimit(CpuState.TR)) {
      throw CpuFault.of(Vectors.TS, state.selector(CpuState.TR) & ~3);
    }
    long stack = mmu.readLong(state.segmentBase(CpuState.TR) + offset);
    if (stack << 16 >> 16 != stack) {
      throw CpuFault.of(Vectors.SS, 0);
    }
    return stack;
  }

  static int privilege(long descriptor) {
    return (int) (descriptor >>> 45) & 3;
  }

  static boolean conforming(long descriptor) {
    return (descriptor >>> 42 & 1) != 0;
  }

  static long base(long descriptor) {
    return descriptor >>> 16 & 0xff_ffffL | descriptor >>> 56 << 24;
  }

  /** The limit in bytes, as an unsigned 32-bit number. */
  static int limit(long descriptor) {
    int raw = (int) (descriptor & 0xffff | descriptor >>> 32 & 0xf_0000);
    boolean pages = (descriptor >>> 55 & 1) != 0;
    return pages ? raw << 12 | 0xfff : raw;
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;

/**
 * Recognises the user-mode instructions that read descriptor tables or the TSS with supervisor
 * rights (SDM 4.6.1, implicit supervisor-mode accesses). The engine does not tell its TLB hook with
 * which rights it asks; RIP is exact there, so the instruction says it.
 */
final class SystemAccess {
  private static final int MAX_PREFIXES = 14;

  private SystemAccess() {}

  /**
   * Whether {@code page} holds descriptors and the instruction at RIP loads or inspects a segment.
   */
  static boolean isNext(Mmu mmu, CpuState state, long page) {
    if (!overlaps(state, CpuState.GDTR, page) && !overlaps(state, CpuState.LDTR, page)) {
      return false;
    }
    long rip = state.rip();
    if ((state.hidden() & CpuState.HIDDEN_CS64) == 0) {
      rip = rip + state.segmentBase(CpuState.CS) & 0xffff_ffffL;
    }
    for (int i = 0; i < MAX_PREFIXES; i++) {
      int opcode = mmu.peekCode(rip + i);
      if (isPrefix(opcode, state)) {
        continue;
      }
      return opcode == 0x0f ? loadsSegment0f(mmu.peekCode(rip + i + 1)) : loadsSegment(opcode);
    }
    return false;
  }

  private static boolean overlaps(CpuState state, int table, long page) {
    long base = state.segmentBase(table);
    return page + 4095 - base >= 0 && page - (base + state.segmentLimit(table)) <= 0;
  }

  private static boolean isPrefix(int opcode, CpuState state) {
    return switch (opcode) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default ->
          opcode >= 0x40 && opcode <= 0x4f && (state.hidden() & CpuState.HIDDEN_CS64) != 0; // REX
    };
  }

  /**
   * MOV to Sreg, POP ES/SS/DS, LES, LDS, far CALL, far JMP, far RET, IRET; the I/O bitmap: IN, OUT.
   */
  private static boolean loadsSegment(int opcode) {
    return switch (opcode) {
      case 0x8e, 0x07, 0x17, 0x1f, 0xc4, 0xc5, 0x9a, 0xea, 0xca, 0xcb, 0xcf, 0xff -> true;
      default -> false;
    };
  }

  /** LAR, LSL, group 6 (VERR, VERW), LSS, LFS, LGS, POP FS, POP GS. */
  private static boolean loadsSegment0f(int opcode) {
    return switch (opcode) {
      case 0x00, 0x02, 0x03, 0xb2, 0xb4, 0xb5, 0xa1, 0xa9 -> true;
      default -> false;
    };
  }
}

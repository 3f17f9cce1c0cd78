package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;

/** What SYSCALL and SYSENTER have in common (SDM volume 2): flat segments, CPL 0, 64-bit mode. */
final class FastEntry {
  private static final int CODE_64 = 0x00af9b00; // present, DPL 0, code, L, G
  private static final int DATA_32 = 0x00cf9300; // present, DPL 0, data, writable, B, G

  private static final int ESCAPE = 0x0f;

  private FastEntry() {}

  /** Loads CS with {@code selector} and SS with the one after it, without looking at the GDT. */
  static void loadSegments(CpuState state, int selector) {
    state.segment(CpuState.CS, selector, 0, -1, CODE_64);
    state.segment(CpuState.SS, selector + 8, 0, -1, DATA_32);
    int cleared = CpuState.HIDDEN_CPL | CpuState.HIDDEN_ADDSEG | CpuState.HIDDEN_INHIBIT_IRQ;
    int set = CpuState.HIDDEN_CS64 | CpuState.HIDDEN_CS32 | CpuState.HIDDEN_SS32;
    state.hidden(state.hidden() & ~cleared | set);
  }

  /**
   * Length of the two-byte opcode at RIP with its prefixes; without any where RIP is not exact, as
   * for SYSENTER on 2.1.1.
   *
   * @param opcode 0F and the second byte
   */
  static int instructionLength(CpuState state, Mmu mmu, int opcode) {
    if (mmu.peekCode(InstructionPeek.linearRip(state)) == ESCAPE) {
      return 2; // nearly always; the rest of the look costs three more page walks
    }
    InstructionPeek next = InstructionPeek.atRip(mmu, state);
    return next.opcode() == opcode ? next.prefixes() + 2 : 2;
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;

/**
 * As much of the instruction at RIP as is needed to tell which exception it raises, where the
 * engine does not (SDM volume 2, 2.1 and 2.2).
 *
 * @param prefixes legacy prefixes and REX, bytes
 * @param otherSegment whether a prefix names a segment that is not SS
 * @param word whether a prefix asks for 16-bit operands
 * @param lockOrRepeat whether there is a LOCK, REPNE or REP prefix
 * @param rex the REX prefix right before the opcode, or 0
 * @param opcode the opcode; those of the two-byte map with 0F in bits 8 to 15
 * @param modRm the byte after the opcode, or -1 where it cannot be read
 * @param sib the byte after that
 */
record InstructionPeek(
    int prefixes,
    boolean otherSegment,
    boolean word,
    boolean lockOrRepeat,
    int rex,
    int opcode,
    int modRm,
    int sib) {
  private static final int MAX_PREFIXES = 14;
  private static final int ESCAPE = 0x0f;
  private static final int ICEBP = 0xf1;
  private static final int RDPMC = 0x0f33;
  private static final int GROUP_9 = 0x0fc7;
  private static final int REX_B = 1;
  private static final int REX_W = 8;
  private static final int RSP = 4;
  private static final int RBP = 5;

  /** Looks at the code at RIP with the rights of the current privilege level. */
  static InstructionPeek atRip(Mmu mmu, CpuState state) {
    boolean code64 = (state.hidden() & CpuState.HIDDEN_CS64) != 0;
    long rip = linearRip(state);
    boolean other = false;
    boolean word = false;
    boolean lockOrRepeat = false;
    int rex = 0;
    int at = 0;
    for (; at < MAX_PREFIXES; at++) {
      int value = mmu.peekCode(rip + at);
      boolean isRex = code64 && value >= 0x40 && value <= 0x4f;
      if (!isRex && !isLegacyPrefix(value)) {
        break;
      }
      rex = isRex ? value : 0;
      word |= value == 0x66;
      lockOrRepeat |= value == 0xf0 || value == 0xf2 || value == 0xf3;
      other |= value == 0x64 || value == 0x65 || !code64 && isOldSegment(value);
    }
    int opcode = mmu.peekCode(rip + at);
    int next = at + 1;
    if (opcode == ESCAPE) {
      opcode = ESCAPE << 8 | mmu.peekCode(rip + next++) & 0xff;
    }
    int modRm = mmu.peekCode(rip + next);
    int sib = mmu.peekCode(rip + next + 1);
    return new InstructionPeek(at, other, word, lockOrRepeat, rex, opcode, modRm, sib);
  }

  /** RIP with the base that compatibility mode adds. */
  static long linearRip(CpuState state) {
    boolean code64 = (state.hidden() & CpuState.HIDDEN_CS64) != 0;
    return code64 ? state.rip() : state.rip() + state.segmentBase(CpuState.CS) & 0xffff_ffffL;
  }

  private static boolean isLegacyPrefix(int value) {
    return switch (value) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default -> false;
    };
  }

  /** ES, CS and DS prefixes, which 64-bit mode ignores. */
  private static boolean isOldSegment(int value) {
    return value == 0x26 || value == 0x2e || value == 0x3e;
  }

  /** INT1, which the engine does not know. */
  boolean isIcebp() {
    return opcode == ICEBP;
  }

  /** RDPMC, which the engine calls undefined. */
  boolean isRdpmc() {
    return opcode == RDPMC;
  }

  /** RDRAND, which the engine's CPU model does not have. */
  boolean isRdrand() {
    return opcode == GROUP_9 && modRm >= 0xc0 && (modRm >> 3 & 7) == 6 && !lockOrRepeat;
  }

  /** Bytes of an instruction of the two-byte map whose operand is a register. */
  int lengthWithRegister() {
    return prefixes + 3;
  }

  /** The number of the register that the operand is. */
  int register() {
    return modRm & 7 | (rex & REX_B) << 3;
  }

  /** Bits of the operand: 16, 32 or 64. */
  int operandBits() {
    return (rex & REX_W) != 0 ? Long.SIZE : word ? Short.SIZE : Integer.SIZE;
  }

  /** Bytes of an instruction whose opcode is one byte and has no operands. */
  int length() {
    return prefixes + 1;
  }

  /**
   * Whether the memory it uses is on the stack, so that a non-canonical address is #SS (SDM 6.15,
   * interrupt 12): pushes, pops, calls and returns, and what is addressed through RSP or RBP.
   */
  boolean usesStack() {
    return isStackOperation() || hasModRm() && isBasedOnStack();
  }

  private boolean isStackOperation() {
    return switch (opcode) {
      case 0x68, 0x6a, 0x8f, 0x9c, 0x9d, 0xc2, 0xc3, 0xc8, 0xc9, 0xca, 0xcb, 0xcf, 0xe8 -> true;
      case 0x0fa0, 0x0fa1, 0x0fa8, 0x0fa9 -> true; // PUSH and POP of FS and GS
      case 0xff -> modRm >= 0xc0; // CALL and PUSH of a register
      default -> opcode >= 0x50 && opcode <= 0x5f;
    };
  }

  /** SDM volume 2, appendix A, tables; enough to leave immediate operands alone. */
  private boolean hasModRm() {
    if (opcode > 0xff) {
      return opcode < 0x0f80 || opcode > 0x0f8f; // all but Jcc, as far as memory is concerned
    }
    if (opcode < 0x40) {
      return (opcode & 7) < 4;
    }
    return switch (opcode) {
      case 0x63, 0x69, 0x6b, 0xc0, 0xc1, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff -> true;
      default ->
          opcode >= 0x80 && opcode <= 0x8f
              || opcode >= 0xd0 && opcode <= 0xd3
              || opcode >= 0xd8 && opcode <= 0xdf;
    };
  }

  private boolean isBasedOnStack() {
    if (otherSegment || modRm < 0 || modRm >= 0xc0 || (rex & REX_B) != 0) {
      return false;
    }
    boolean displaced = modRm >= 0x40; // without displacement, base 5 means no register
    int base = (modRm & 7) == RSP ? sib & 7 : modRm & 7;
    return base == RSP || base == RBP && displaced;
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import java.util.function.IntConsumer;

/**
 * What SYSCALL and SYSENTER have in common (SDM volume 2): flat segments, CPL 0, 64-bit mode. Runs
 * inside the engine's instruction hook, after which the engine adds the length of the instruction
 * to RIP.
 */
abstract sealed class FastEntry implements Runnable permits SyscallEntry, SysenterEntry {
  private static final int CODE_64 = 0x00af9b00; // present, DPL 0, code, L, G
  private static final int DATA_32 = 0x00cf9300; // present, DPL 0, data, writable, B, G

  private static final int ESCAPE = 0x0f;

  final Engine engine;
  final CpuState state;
  final CpuCounters counters;
  private final Mmu mmu;
  private final IntConsumer refuse;

  /**
   * Makes the entry.
   *
   * @param refuse delivers an exception with error code 0, by its vector
   */
  FastEntry(Engine engine, Mmu mmu, CpuCounters counters, IntConsumer refuse) {
    this.engine = engine;
    this.state = engine.state();
    this.mmu = mmu;
    this.counters = counters;
    this.refuse = refuse;
  }

  /** An exception in place of the instruction, which has so many bytes. */
  final void refuse(int vector, int length) {
    refuse.accept(vector);
    state.rip(state.rip() - length);
  }

  /**
   * Its own step would else be seen in the flags: one behind a MOV SS that met a data breakpoint.
   */
  final void endDataStep() {
    if (state.dataStep()) {
      state.endDataStep();
    }
  }

  /** Loads CS with {@code selector} and SS with the one after it, without looking at the GDT. */
  final void loadSegments(int selector) {
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
  final int instructionLength(int opcode) {
    if (mmu.peekCode(InstructionPeek.linearRip(state)) == ESCAPE) {
      return 2; // nearly always; the rest of the look costs three more page walks
    }
    InstructionPeek next = InstructionPeek.atRip(mmu, state);
    return next.opcode() == opcode ? next.prefixes() + 2 : 2;
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;

/**
 * SYSCALL in IA-32e mode (SDM 5.8.8 and volume 2): from 64-bit code to LSTAR, from compatibility
 * mode to CSTAR. Runs inside the engine's instruction hook, after which the engine adds the length
 * of the instruction to RIP.
 */
final class SyscallEntry implements Runnable {
  private static final int CODE_64 = 0x00af9b00; // present, DPL 0, code, L, G
  private static final int DATA_32 = 0x00cf9300; // present, DPL 0, data, writable, B, G
  private static final long FLAG_RF = 1 << 16;
  private static final long EFER_SCE = 1;
  private static final int MAX_PREFIXES = 13;

  private final Engine engine;
  private final CpuState state;
  private final Mmu mmu;
  private final Runnable undefined;
  private final CpuCounters counters;

  SyscallEntry(Engine engine, Mmu mmu, CpuCounters counters, Runnable undefined) {
    this.engine = engine;
    this.state = engine.state();
    this.mmu = mmu;
    this.counters = counters;
    this.undefined = undefined;
  }

  @Override
  public void run() {
    counters.systemCalls++;
    int length = instructionLength();
    if ((state.efer() & EFER_SCE) == 0) {
      undefined.run();
      state.rip(state.rip() - length);
      return;
    }
    long flags = engine.register(X86Register.EFLAGS);
    boolean from64 = (state.hidden() & CpuState.HIDDEN_CS64) != 0;
    state.general(CpuState.RCX, state.rip() + length);
    state.general(CpuState.R11, flags & ~FLAG_RF);
    int selector = (int) (state.star() >>> 32) & 0xfffc;
    state.segment(CpuState.CS, selector, 0, -1, CODE_64);
    state.segment(CpuState.SS, selector + 8, 0, -1, DATA_32);
    int cleared = CpuState.HIDDEN_CPL | CpuState.HIDDEN_ADDSEG | CpuState.HIDDEN_INHIBIT_IRQ;
    int set = CpuState.HIDDEN_CS64 | CpuState.HIDDEN_CS32 | CpuState.HIDDEN_SS32;
    state.hidden(state.hidden() & ~cleared | set);
    engine.register(X86Register.EFLAGS, flags & ~state.fmask() & ~FLAG_RF | 2);
    state.rip((from64 ? state.lstar() : state.cstar()) - length);
  }

  /** 0F 05 with whatever prefixes stand before it. */
  private int instructionLength() {
    long rip = state.rip();
    for (int prefixes = 0; prefixes < MAX_PREFIXES; prefixes++) {
      if (mmu.peekCode(rip + prefixes) == 0x0f) {
        return prefixes + 2;
      }
    }
    return 2;
  }
}

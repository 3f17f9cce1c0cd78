package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;
import java.util.function.IntConsumer;

/**
 * SYSCALL (SDM 5.8.8 and volume 2). Our CPUID says Intel, and on Intel's processors SYSCALL exists
 * in 64-bit mode only: in compatibility mode it is undefined. Runs inside the engine's instruction
 * hook, after which the engine adds the length of the instruction to RIP.
 */
final class SyscallEntry implements Runnable {
  private static final long FLAG_RF = 1 << 16;
  private static final int SYSCALL = 0x0f05;
  private static final long EFER_SCE = 1;

  private final Engine engine;
  private final CpuState state;
  private final Mmu mmu;
  private final IntConsumer refuse;
  private final CpuCounters counters;

  /**
   * Makes the entry.
   *
   * @param refuse delivers an exception with error code 0, by its vector
   */
  SyscallEntry(Engine engine, Mmu mmu, CpuCounters counters, IntConsumer refuse) {
    this.engine = engine;
    this.state = engine.state();
    this.mmu = mmu;
    this.counters = counters;
    this.refuse = refuse;
  }

  @Override
  public void run() {
    int length = FastEntry.instructionLength(state, mmu, SYSCALL);
    boolean from64 = (state.hidden() & CpuState.HIDDEN_CS64) != 0;
    if ((state.efer() & EFER_SCE) == 0 || !from64) {
      refuse.accept(Vectors.UD);
      state.rip(state.rip() - length);
      return;
    }
    counters.systemCalls++;
    long flags = engine.register(X86Register.EFLAGS);
    state.general(CpuState.RCX, state.rip() + length);
    state.general(CpuState.R11, flags & ~FLAG_RF);
    FastEntry.loadSegments(state, (int) (state.star() >>> 32) & 0xfffc);
    engine.register(X86Register.EFLAGS, flags & ~state.fmask() & ~FLAG_RF | 2);
    state.rip(state.lstar() - length);
  }
}

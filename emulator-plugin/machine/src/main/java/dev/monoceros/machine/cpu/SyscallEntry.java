package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;
import java.util.function.IntConsumer;

/**
 * SYSCALL (SDM 5.8.8 and volume 2). Our CPUID says Intel, and on Intel's processors SYSCALL exists
 * in 64-bit mode only: in compatibility mode it is undefined.
 */
final class SyscallEntry extends FastEntry {
  private static final long FLAG_RF = 1 << 16;
  private static final int SYSCALL = 0x0f05;
  private static final long EFER_SCE = 1;

  SyscallEntry(Engine engine, Mmu mmu, CpuCounters counters, IntConsumer refuse) {
    super(engine, mmu, counters, refuse);
  }

  @Override
  public void run() {
    int length = instructionLength(SYSCALL);
    boolean from64 = (state.hidden() & CpuState.HIDDEN_CS64) != 0;
    if ((state.efer() & EFER_SCE) == 0 || !from64) {
      refuse(Vectors.UD, length);
      return;
    }
    counters.systemCalls++;
    endDataStep();
    long flags = engine.register(X86Register.EFLAGS);
    state.general(CpuState.RCX, state.rip() + length);
    state.general(CpuState.R11, flags & ~FLAG_RF);
    loadSegments((int) (state.star() >>> 32) & 0xfffc);
    engine.register(X86Register.EFLAGS, flags & ~state.fmask() & ~FLAG_RF | 2);
    state.rip(state.lstar() - length);
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import java.util.function.IntConsumer;

/**
 * SYSENTER in IA-32e mode (SDM 5.8.7 and volume 2), from 64-bit code and from compatibility mode.
 * Runs inside the engine's instruction hook, after which the engine adds the length of the
 * instruction to RIP.
 */
final class SysenterEntry implements Runnable {
  private static final int SYSENTER = 0x0f34;
  private static final int IA32_SYSENTER_CS = 0x174;
  private static final int IA32_SYSENTER_ESP = 0x175;
  private static final int IA32_SYSENTER_EIP = 0x176;
  private static final long FLAG_IF = 1 << 9;
  private static final long FLAG_RF = 1 << 16;
  private static final long FLAG_VM = 1 << 17;

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
  SysenterEntry(Engine engine, Mmu mmu, CpuCounters counters, IntConsumer refuse) {
    this.engine = engine;
    this.state = engine.state();
    this.mmu = mmu;
    this.counters = counters;
    this.refuse = refuse;
  }

  @Override
  public void run() {
    int length = FastEntry.instructionLength(state, mmu, SYSENTER);
    int selector = (int) engine.msr(IA32_SYSENTER_CS) & 0xfffc;
    if (selector == 0) {
      refuse.accept(Vectors.GP);
      state.rip(state.rip() - length);
      return;
    }
    counters.systemCalls++;
    state.general(CpuState.RSP, engine.msr(IA32_SYSENTER_ESP));
    long target = engine.msr(IA32_SYSENTER_EIP);
    FastEntry.loadSegments(state, selector);
    state.systemFlags(state.systemFlags() & ~(FLAG_IF | FLAG_RF | FLAG_VM));
    state.rip(target - length);
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import java.util.function.IntConsumer;

/**
 * SYSENTER in IA-32e mode (SDM 5.8.7 and volume 2), from 64-bit code and from compatibility mode.
 */
final class SysenterEntry extends FastEntry {
  private static final int SYSENTER = 0x0f34;
  private static final int IA32_SYSENTER_CS = 0x174;
  private static final int IA32_SYSENTER_ESP = 0x175;
  private static final int IA32_SYSENTER_EIP = 0x176;
  private static final long FLAG_IF = 1 << 9;
  private static final long FLAG_RF = 1 << 16;
  private static final long FLAG_VM = 1 << 17;

  SysenterEntry(Engine engine, Mmu mmu, CpuCounters counters, IntConsumer refuse) {
    super(engine, mmu, counters, refuse);
  }

  @Override
  public void run() {
    int length = instructionLength(SYSENTER);
    int selector = (int) engine.msr(IA32_SYSENTER_CS) & 0xfffc;
    if (selector == 0) {
      refuse(Vectors.GP, length);
      return;
    }
    counters.systemCalls++;
    endDataStep();
    state.general(CpuState.RSP, engine.msr(IA32_SYSENTER_ESP));
    long target = engine.msr(IA32_SYSENTER_EIP);
    loadSegments(selector);
    state.systemFlags(state.systemFlags() & ~(FLAG_IF | FLAG_RF | FLAG_VM));
    state.rip(target - length);
  }
}

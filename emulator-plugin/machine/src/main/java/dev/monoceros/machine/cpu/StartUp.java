package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;

/** Brings a fresh engine into 64-bit mode with paging, as a boot loader would leave it. */
final class StartUp {
  private static final int MSR_EFER = 0xc0000080;
  private static final long EFER = 1 | 1 << 8 | 1 << 10 | 1 << 11; // SCE, LME, LMA, NXE
  private static final long CR0 =
      1L << 31 | 1 << 16 | 1 << 5 | 1 << 4 | 1 << 1 | 1; // PG WP NE ET MP PE
  private static final long CR4 = 1 << 5; // PAE
  private static final int MXCSR = 0x1f80; // after reset, SDM volume 3, table 9-1
  private static final int BUSY_TSS_64 = 0x8b00;

  private final Engine engine;
  private final CpuState state;
  private final Mmu mmu;

  StartUp(Engine engine, Mmu mmu) {
    this.engine = engine;
    this.state = engine.state();
    this.mmu = mmu;
  }

  void apply(StartState start) {
    engine.msr(MSR_EFER, EFER);
    state.control(3, start.cr3());
    engine.register(X86Register.CR4, CR4);
    engine.register(X86Register.CR0, CR0);
    state.control(3, start.cr3());
    state.segment(CpuState.GDTR, 0, start.gdtBase(), start.gdtLimit(), 0);
    state.segment(CpuState.IDTR, 0, 0, 0, 0);
    state.segment(CpuState.LDTR, 0, 0, 0, 0);
    state.segment(CpuState.TR, 0, 0, 0xffff, BUSY_TSS_64);
    load(CpuState.CS, start.codeSelector());
    for (int data : new int[] {CpuState.ES, CpuState.SS, CpuState.DS, CpuState.FS, CpuState.GS}) {
      load(data, start.dataSelector());
    }
    int hidden = state.hidden() & ~(CpuState.HIDDEN_CPL | CpuState.HIDDEN_ADDSEG);
    hidden |= CpuState.HIDDEN_CS64 | CpuState.HIDDEN_CS32 | CpuState.HIDDEN_SS32;
    state.hidden(hidden);
    engine.register(X86Register.EFLAGS, 2);
    engine.register(X86Register.MXCSR, MXCSR);
    for (int i = 0; i < 16; i++) {
      state.general(i, 0);
    }
    state.general(CpuState.RSI, start.rsi());
    state.general(CpuState.RSP, start.rsp());
    state.rip(start.rip());
  }

  private void load(int segment, int selector) {
    long descriptor = mmu.readLong(state.segmentBase(CpuState.GDTR) + (selector & ~7));
    state.segment(
        segment,
        selector,
        Descriptors.base(descriptor),
        Descriptors.limit(descriptor),
        (int) (descriptor >>> 32));
  }
}

package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;

/**
 * Brings a fresh engine into 64-bit mode with paging, or into 32-bit protected mode without, as a
 * boot loader would leave it.
 */
final class StartUp {
  private static final int MSR_EFER = 0xc0000080;
  private static final int MSR_MISC_ENABLE = 0x1a0;
  private static final long FAST_STRINGS = 1; // SDM volume 4, IA32_MISC_ENABLE[0]
  private static final long EFER = 1 | 1 << 8 | 1 << 10 | 1 << 11; // SCE, LME, LMA, NXE
  private static final long CR0 =
      1L << 31 | 1 << 16 | 1 << 5 | 1 << 4 | 1 << 1 | 1; // PG WP NE ET MP PE
  private static final long CR4 = 1 << 5; // PAE
  private static final int MXCSR = 0x1f80; // after reset, SDM volume 3, table 9-1
  private static final int BUSY_TSS_64 = 0x8b00;
  private static final int[] DATA_SEGMENTS = {
    CpuState.ES, CpuState.SS, CpuState.DS, CpuState.FS, CpuState.GS
  };
  private static final long CR0_PROTECTED = 1 << 4 | 1; // ET PE

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
    tables(start.gdtBase(), start.gdtLimit());
    state.segment(CpuState.TR, 0, 0, 0xffff, BUSY_TSS_64);
    segments(start.codeSelector(), start.dataSelector(), CpuState.HIDDEN_CS64);
    registers();
    state.general(CpuState.RSI, start.rsi());
    state.general(CpuState.RSP, start.rsp());
    state.rip(start.rip());
  }

  /** The engine begins in long mode, which ends with paging (SDM volume 3, 9.8.5.4). */
  void apply(ProtectedState start) {
    engine.register(X86Register.CR0, CR0_PROTECTED);
    engine.register(X86Register.CR4, 0);
    engine.msr(MSR_EFER, 0);
    tables(start.gdtBase(), start.gdtLimit());
    load(CpuState.TR, start.taskSelector());
    segments(start.codeSelector(), start.dataSelector(), 0);
    registers();
    state.general(CpuState.RBX, start.ebx());
    state.rip(start.eip());
  }

  private void tables(long gdtBase, int gdtLimit) {
    state.segment(CpuState.GDTR, 0, gdtBase, gdtLimit, 0);
    state.segment(CpuState.IDTR, 0, 0, 0, 0);
    state.segment(CpuState.LDTR, 0, 0, 0, 0);
  }

  private void segments(int code, int data, int hiddenCode) {
    load(CpuState.CS, code);
    for (int segment : DATA_SEGMENTS) {
      load(segment, data);
    }
    int cleared = CpuState.HIDDEN_CPL | CpuState.HIDDEN_ADDSEG | CpuState.HIDDEN_CS64;
    int set = hiddenCode | CpuState.HIDDEN_CS32 | CpuState.HIDDEN_SS32;
    state.hidden(state.hidden() & ~cleared | set);
  }

  private void registers() {
    engine.msr(MSR_MISC_ENABLE, FAST_STRINGS);
    MemoryTypes.set(engine);
    engine.register(X86Register.EFLAGS, 2);
    engine.register(X86Register.MXCSR, MXCSR);
    for (int i = 0; i < 16; i++) {
      state.general(i, 0);
    }
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

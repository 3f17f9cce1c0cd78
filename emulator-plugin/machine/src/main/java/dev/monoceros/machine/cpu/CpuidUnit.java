package dev.monoceros.machine.cpu;

import dev.monoceros.machine.time.VirtualClock;
import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;

/** CPUID from the fixed table, and the time-stamp counter from virtual time. */
final class CpuidUnit {
  /**
   * What a read of the time-stamp counter takes, between a CPU's 20 ns and the microsecond of a
   * hypervisor that intercepts it. Guests wait in loops around it; were it for nothing, they would
   * go round ten times as often.
   */
  private static final long READ_NANOS = 250;

  private final CpuState state;
  private final boolean timestamps;
  private final CpuidTable table;

  /**
   * Makes the unit.
   *
   * @param timestamps whether RDTSC can be hooked, and so may be offered
   * @param random whether RDRAND is offered
   */
  CpuidUnit(CpuState state, boolean timestamps, boolean random) {
    this.state = state;
    this.timestamps = timestamps;
    this.table = new CpuidTable(timestamps, random);
  }

  void install(Engine engine, VirtualClock clock) {
    engine.onCpuid(this::cpuid);
    if (timestamps) {
      engine.onTimestamp(() -> rdtsc(clock));
    }
  }

  private void cpuid() {
    int number = (int) state.general(CpuState.RAX);
    CpuidTable.Leaf leaf = table.answer(number, (int) state.general(CpuState.RCX));
    set(CpuState.RAX, leaf.eax());
    set(CpuState.RBX, leaf.ebx());
    set(CpuState.RCX, leaf.ecx());
    set(CpuState.RDX, leaf.edx());
  }

  private void rdtsc(VirtualClock clock) {
    long timestamp = clock.now();
    set(CpuState.RAX, (int) timestamp);
    set(CpuState.RDX, (int) (timestamp >>> 32));
    clock.stall(READ_NANOS);
  }

  /** A 32-bit result clears the upper half. */
  private void set(int register, int value) {
    state.general(register, Integer.toUnsignedLong(value));
  }
}

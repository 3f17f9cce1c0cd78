package dev.monoceros.machine.cpu;

import dev.monoceros.machine.time.VirtualClock;
import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;

/** CPUID from the fixed table, and the time-stamp counter from virtual time. */
final class CpuidUnit {
  private final CpuState state;
  private final boolean timestamps;
  private final CpuidTable table;
  private long lastTimestamp = -1;

  /**
   * Makes the unit.
   *
   * @param timestamps whether RDTSC can be hooked, and so may be offered
   */
  CpuidUnit(CpuState state, boolean timestamps) {
    this.state = state;
    this.timestamps = timestamps;
    this.table = new CpuidTable(timestamps);
  }

  void install(Engine engine, VirtualClock clock) {
    engine.onCpuid(this::cpuid);
    if (timestamps) {
      engine.onTimestamp(() -> rdtsc(clock));
    }
  }

  private void cpuid() {
    CpuidTable.Leaf leaf = table.answer((int) state.general(CpuState.RAX));
    set(CpuState.RAX, leaf.eax());
    set(CpuState.RBX, leaf.ebx());
    set(CpuState.RCX, leaf.ecx());
    set(CpuState.RDX, leaf.edx());
  }

  /** Strictly increasing, though two reads in one block happen at one time. */
  private void rdtsc(VirtualClock clock) {
    lastTimestamp = Math.max(lastTimestamp + 1, clock.now());
    set(CpuState.RAX, (int) lastTimestamp);
    set(CpuState.RDX, (int) (lastTimestamp >>> 32));
  }

  /** A 32-bit result clears the upper half. */
  private void set(int register, int value) {
    state.general(register, Integer.toUnsignedLong(value));
  }
}

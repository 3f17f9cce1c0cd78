package dev.monoceros.machine.cpu;

/** What a CPU has done so far. Deterministic: equal for equal runs. */
public final class CpuCounters {
  long tlbFills;
  long nativeTlbFills;
  long tlbFlushes;
  long codeDrops;
  long pageFaults;
  long exceptions;
  long interrupts;
  long systemCalls;
  long codeBytes;
  long halts;

  CpuCounters() {}

  /** Misses of the engine's software TLB. */
  public long tlbFills() {
    return tlbFills + nativeTlbFills;
  }

  /** Flushes of the software TLB asked for by us, not those of the guest. */
  public long tlbFlushes() {
    return tlbFlushes;
  }

  /** Pages whose translated code was dropped because they were written. */
  public long codeDrops() {
    return codeDrops;
  }

  /** Page faults delivered. */
  public long pageFaults() {
    return pageFaults;
  }

  /** Exceptions and software interrupts delivered, page faults included. */
  public long exceptions() {
    return exceptions;
  }

  /** External interrupts delivered. */
  public long interrupts() {
    return interrupts;
  }

  /** SYSCALL instructions. */
  public long systemCalls() {
    return systemCalls;
  }

  /** Bytes of guest code executed, counted by blocks. */
  public long codeBytes() {
    return codeBytes;
  }

  /** HLT instructions that waited for an interrupt. */
  public long halts() {
    return halts;
  }
}

package dev.monoceros.machine.cpu;

/** Why {@link Cpu#run} came back. */
public sealed interface CpuExit {
  /** {@link Cpu#requestStop} was called. */
  record Stopped() implements CpuExit {}

  /** An exception during the delivery of a double fault (SDM 6.15, interrupt 8): shutdown. */
  record TripleFault(long rip) implements CpuExit {}

  /**
   * HLT that nothing can end.
   *
   * @param interruptsEnabled whether RFLAGS.IF was set; if so, no event was left to come
   */
  record Halted(long rip, boolean interruptsEnabled) implements CpuExit {}

  /**
   * The engine gave up: our fault or its.
   *
   * @param message one sentence
   */
  record EngineFault(long rip, String message) implements CpuExit {}
}

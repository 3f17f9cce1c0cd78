package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;
import java.util.function.LongSupplier;

/**
 * RDRAND (SDM volume 2) from the run's own numbers. The engine's CPU model does not know the
 * instruction, which is as well: where it does, the numbers are the host's.
 */
final class RandomUnit {
  private static final long FLAG_CF = 1;
  private static final long ARITHMETIC_FLAGS = 0x8d5; // OF, SF, ZF, AF, PF, CF

  private final Engine engine;
  private final CpuState state;
  private final LongSupplier numbers;

  /**
   * A unit.
   *
   * @param numbers gives 64 bits at each call, the same ones in the same order in every run
   */
  RandomUnit(Engine engine, LongSupplier numbers) {
    this.engine = engine;
    this.state = engine.state();
    this.numbers = numbers;
  }

  /** Carries the instruction at RIP out; there is always a number: CF is set. */
  void execute(InstructionPeek instruction) {
    long number = numbers.getAsLong();
    int register = instruction.register();
    state.general(
        register,
        switch (instruction.operandBits()) {
          case Long.SIZE -> number;
          case Integer.SIZE -> number & 0xffff_ffffL;
          default -> state.general(register) & -0x1_0000L | number & 0xffff;
        });
    long flags = engine.register(X86Register.EFLAGS);
    engine.register(X86Register.EFLAGS, flags & ~ARITHMETIC_FLAGS | FLAG_CF);
    state.rip(state.rip() + instruction.lengthWithRegister());
    state.clearInFlight();
  }
}

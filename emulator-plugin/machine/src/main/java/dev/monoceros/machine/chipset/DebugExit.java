package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.IoRegion;
import java.util.Objects;

/**
 * The port through which a test in the guest ends the run with a number, as QEMU's isa-debug-exit.
 */
public final class DebugExit implements IoRegion {
  /** Where it usually is. */
  public static final int DEFAULT_PORT = 0xf4;

  private static final int PORTS = 4;

  private final MachineControl machine;

  /** A port that reports to {@code machine}. */
  public DebugExit(MachineControl machine) {
    this.machine = Objects.requireNonNull(machine);
  }

  /** Claims four ports from {@code port} on. */
  public void attach(AddressBus ports, int port) {
    ports.register("debug exit", port, PORTS, this);
  }

  @Override
  public long read(long offset, int size) {
    return 0;
  }

  @Override
  public void write(long offset, int size, long value) {
    machine.debugExit((int) Math.min(value, Integer.MAX_VALUE));
  }
}

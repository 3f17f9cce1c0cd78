package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import java.util.Objects;

/**
 * The port through which a guest's kernel tells that it panicked (QEMU, docs/specs/pvpanic): reads
 * say which events are known, a write tells them.
 */
public final class PvPanic implements ByteRegion {
  /** Where the DSDT says it is. */
  public static final int PORT = 0x505;

  /** Number of ports. */
  public static final int PORTS = 1;

  /** "The guest has panicked; the host should process the panic." */
  private static final int PANICKED = 1;

  /** "The guest has panicked and will load its crash kernel; the host need do nothing." */
  private static final int CRASH_LOADED = 1 << 1;

  private final MachineControl machine;

  /** A port that reports to {@code machine}. */
  public PvPanic(MachineControl machine) {
    this.machine = Objects.requireNonNull(machine);
  }

  /** Claims the port. */
  public void attach(AddressBus ports) {
    ports.register("pvpanic", PORT, PORTS, this);
  }

  @Override
  public int readByte(int offset) {
    return PANICKED | CRASH_LOADED;
  }

  /** A guest that loads its crash kernel goes on, so that only the other event is reported. */
  @Override
  public void writeByte(int offset, int value) {
    if ((value & PANICKED) != 0) {
      machine.panicked();
    }
  }
}

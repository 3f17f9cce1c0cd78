package dev.monoceros.machine.chipset;

import java.util.Objects;

/**
 * What a serial port is connected to.
 *
 * @param sink takes what the guest sends
 * @param source gives what it receives
 */
public record SerialLine(ConsoleSink sink, ConsoleSource source) {
  /** Checks that both ends are there. */
  public SerialLine {
    Objects.requireNonNull(sink);
    Objects.requireNonNull(source);
  }
}

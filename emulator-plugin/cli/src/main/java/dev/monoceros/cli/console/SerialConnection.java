package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.SerialLine;
import java.io.IOException;

/** A connected serial port, for one run. */
public sealed interface SerialConnection extends AutoCloseable permits FileLine, SocketLine {
  /** The two ends for the machine. */
  SerialLine line();

  /** Lets a machine go on that waits here, because it is to stop; from any thread. */
  void release();

  /** Hands over what is left, and closes. */
  @Override
  void close() throws IOException;
}

package dev.monoceros.cli;

import dev.monoceros.cli.console.StopSignals;
import dev.monoceros.cli.console.Streams;
import dev.monoceros.machine.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What the command takes from its process.
 *
 * @param streams standard input, output and error
 * @param environment environment variables
 * @param clock the host's date and time
 * @param nanos the host's monotonic clock, ns
 * @param signals SIGINT and its like
 */
record HostContext(
    Streams streams,
    Map<String, String> environment,
    InstantSource clock,
    LongSupplier nanos,
    StopSignals signals) {
  static HostContext ofProcess() {
    return new HostContext(
        Streams.ofProcess(),
        System.getenv(),
        InstantSource.system(),
        System::nanoTime,
        new StopSignals(System::nanoTime));
  }

  /**
   * The same process with nothing to read: for guests that need no input, wherever ours comes from.
   */
  HostContext withoutInput() {
    Streams silent =
        new Streams(Streams.NOTHING, streams.out(), streams.err(), false, streams.errIsTerminal());
    return new HostContext(silent, environment, clock, nanos, signals);
  }

  /** Text for standard output: what was asked for, and not words about it. */
  void print(String text) throws IOException {
    streams.out().write(text.getBytes(StandardCharsets.UTF_8));
    streams.out().flush();
  }

  /** Says that a machine's run cannot be repeated, where that is so. */
  void warnIfNotRepeatable(Machine machine) {
    if (!machine.deterministic()) {
      say(
          "warning: libunicorn "
              + machine.libraryVersion()
              + " is in use, so this run cannot be repeated to the bit");
    }
  }

  /** One sentence on standard error. */
  void say(String sentence) {
    streams.err().println("monoceros: " + sentence);
  }
}

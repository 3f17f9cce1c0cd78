package dev.monoceros.cli.io;

import dev.monoceros.cli.console.Streams;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** This process. */
final class ProcessHost implements Host {
  private final LongSupplier clock;

  /**
   * @param clock monotonic, ns
   */
  ProcessHost(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public LongSupplier clock() {
    return clock;
  }

  @Override
  public boolean interactive() {
    return Streams.isTerminal(0);
  }

  @Override
  public void sleepNanos(long nanos) {
    long end = clock.getAsLong() + nanos;
    long left = end - clock.getAsLong();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = end - clock.getAsLong();
    }
  }

  /** By kill(1): a signal that the JVM does not handle ends it at once, as abort(3) would. */
  @Override
  public void raise(int number) {
    String self = Long.toString(ProcessHandle.current().pid());
    try {
      new ProcessBuilder("kill", "-" + number, self).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new IllegalStateException("cannot run kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

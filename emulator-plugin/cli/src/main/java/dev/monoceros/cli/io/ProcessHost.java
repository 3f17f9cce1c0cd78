package dev.monoceros.cli.io;

import dev.monoceros.cli.console.Streams;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** This process. */
final class ProcessHost implements Host {
  private static final int SIGNALLED = 128;

  /** QUIT, ILL, TRAP, BUS, FPE, SEGV, USR2. */
  private static final Set<Integer> KEPT_BY_JVM = Set.of(3, 4, 5, 7, 8, 11, 12);

  /** HUP, INT, TERM: the JVM ends, on another thread. */
  private static final Set<Integer> ENDING_LATER = Set.of(1, 2, 15);

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

  /**
   * By kill(1): a signal that the JVM does not handle ends it at once, as abort(3) would. Those
   * that mean something else to a JVM end the process with the exit code that a shell shows for
   * them.
   */
  @Override
  public void raise(int number) {
    if (KEPT_BY_JVM.contains(number)) {
      Runtime.getRuntime().halt(SIGNALLED + number);
    }
    String self = Long.toString(ProcessHandle.current().pid());
    try {
      new ProcessBuilder("kill", "-" + number, self).inheritIO().start().waitFor();
      if (ENDING_LATER.contains(number)) {
        sleepNanos(Long.MAX_VALUE / 2);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot run kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

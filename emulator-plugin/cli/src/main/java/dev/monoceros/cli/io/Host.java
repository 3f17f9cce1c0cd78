package dev.monoceros.cli.io;

import java.util.function.LongSupplier;

/** What the commands need of the process and its machine. */
interface Host {
  /** Monotonic clock, ns. */
  LongSupplier clock();

  /** Whether somebody types commands at a terminal. */
  boolean interactive();

  /** Waits. */
  void sleepNanos(long nanos);

  /**
   * Sends the process a signal, which may end it.
   *
   * @param number as raise(3) takes it
   */
  void raise(int number);
}

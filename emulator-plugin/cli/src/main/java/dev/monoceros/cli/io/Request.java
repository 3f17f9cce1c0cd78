package dev.monoceros.cli.io;

/** Something to be done with the open image, now or when asynchronous requests are completed. */
interface Request {
  /**
   * Does it and prints what became of it.
   *
   * @param transfers used by nobody else meanwhile
   * @param out where the outcome is printed
   * @param clock tells how long it took
   * @return false if it failed
   */
  boolean perform(OpenFile file, Transfers transfers, Output out, Stopwatch clock);
}

package dev.monoceros.cli.io;

/** How long a request took, in ns. */
@FunctionalInterface
interface Stopwatch {
  /** Nothing but the image counts: for a request that is waited for. */
  Stopwatch IMAGE_ONLY = nanos -> nanos;

  /**
   * The time to report.
   *
   * @param inImage what the image took of it
   */
  long elapsed(long inImage);
}

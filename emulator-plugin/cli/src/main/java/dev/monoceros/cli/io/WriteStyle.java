package dev.monoceros.cli.io;

/**
 * What is printed of a write.
 *
 * @param quiet nothing
 * @param parsable the statistics as numbers
 */
record WriteStyle(boolean quiet, boolean parsable) {
  /** Prints it. */
  void report(Output out, long nanos, long offset, long bytes) {
    if (!quiet) {
      Report.print(out, "wrote", nanos, offset, bytes, parsable);
    }
  }
}

package dev.monoceros.cli.io;

import java.nio.ByteBuffer;

/** Compares a part of what is read with a pattern, piece by piece. */
final class PatternCheck implements Transfers.Sink {
  private final Pattern pattern;
  private final long from;
  private final long length;
  private boolean failed;

  /**
   * @param from first byte of the request to look at
   * @param length how many
   */
  PatternCheck(Pattern pattern, long from, long length) {
    this.pattern = pattern;
    this.from = from;
    this.length = length;
  }

  @Override
  public void take(long done, ByteBuffer bytes) {
    long start = Math.max(from, done);
    long end = Math.min(from + length, done + bytes.limit());
    if (start < end && !pattern.matches(bytes, (int) (start - done), (int) (end - start))) {
      failed = true;
    }
  }

  /** Says so if the bytes were not the pattern; true if they were. */
  boolean report(Output out, long offset) {
    if (failed) {
      out.line(
          "Pattern verification failed at offset " + (offset + from) + ", " + length + " bytes");
    }
    return !failed;
  }
}

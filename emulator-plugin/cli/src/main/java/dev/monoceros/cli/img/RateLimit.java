package dev.monoceros.cli.img;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Keeps a copy to so many bytes a second, with a tenth of a second's worth at once. */
final class RateLimit {
  private static final double NANOS = 1e9;
  private static final double BURST_SECONDS = 0.1;

  private final double nanosPerByte;
  private final LongSupplier clock;
  private double due;

  /**
   * @param bytesPerSecond 0 for no limit
   * @param clock monotonic, in ns
   */
  RateLimit(long bytesPerSecond, LongSupplier clock) {
    this.nanosPerByte = bytesPerSecond == 0 ? 0 : NANOS / bytesPerSecond;
    this.clock = clock;
    this.due = clock.getAsLong();
  }

  /** Waits until {@code bytes} more may be written. */
  void beforeWrite(long bytes) {
    if (nanosPerByte == 0) {
      return;
    }
    long now = clock.getAsLong();
    while (due - now > BURST_SECONDS * NANOS) {
      LockSupport.parkNanos((long) (due - now - BURST_SECONDS * NANOS) + 1);
      now = clock.getAsLong();
    }
    due = Math.max(due, now) + bytes * nanosPerByte;
  }
}

package dev.monoceros.qcow.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Limits that several nodes share, by the name of a {@code throttle-group} object. Safe for several
 * threads; whoever exceeds the limits waits, one after the other.
 */
public final class ThrottleGroup {
  private final String id;
  private final ThrottleLimits limits;
  private final LeakyBucket bytes;
  private final LeakyBucket bytesRead;
  private final LeakyBucket bytesWritten;
  private final LeakyBucket operations;
  private final LeakyBucket reads;
  private final LeakyBucket writes;
  private long last;
  private boolean started;

  public ThrottleGroup(String id, ThrottleLimits limits) {
    this.id = id;
    this.limits = limits;
    this.bytes = limits.bytes().total().bucket();
    this.bytesRead = limits.bytes().read().bucket();
    this.bytesWritten = limits.bytes().write().bucket();
    this.operations = limits.operations().total().bucket();
    this.reads = limits.operations().read().bucket();
    this.writes = limits.operations().write().bucket();
  }

  /** What nodes call it. */
  public String id() {
    return id;
  }

  public ThrottleLimits limits() {
    return limits;
  }

  /** Waits until the limits allow an access, and counts it. */
  void admit(boolean write, long length, LongSupplier clock, LongConsumer sleeper) {
    long wait;
    synchronized (this) {
      leak(clock.getAsLong());
      wait = 0;
      for (LeakyBucket bucket : of(write)) {
        wait = Math.max(wait, bucket.nanosecondsToWait());
      }
      count(write, length);
    }
    if (wait > 0) {
      sleeper.accept(wait);
    }
  }

  private void leak(long now) {
    long passed = started ? Math.max(0, now - last) : 0;
    started = true;
    last = now;
    for (LeakyBucket bucket : List.of(bytes, bytesRead, bytesWritten, operations, reads, writes)) {
      bucket.leak(passed);
    }
  }

  private List<LeakyBucket> of(boolean write) {
    List<LeakyBucket> buckets = new ArrayList<>(List.of(bytes, operations));
    buckets.add(write ? bytesWritten : bytesRead);
    buckets.add(write ? writes : reads);
    return buckets;
  }

  private void count(boolean write, long length) {
    long unit = limits.operationSize();
    double units = unit > 0 && length > unit ? (double) length / unit : 1;
    bytes.add(length);
    operations.add(units);
    (write ? bytesWritten : bytesRead).add(length);
    (write ? writes : reads).add(units);
  }
}

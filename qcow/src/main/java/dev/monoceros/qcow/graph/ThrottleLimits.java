package dev.monoceros.qcow.graph;

/**
 * What a throttle group allows; QEMU's {@code ThrottleLimits}.
 *
 * @param operations a second
 * @param operationSize bytes that count as one operation where an access is larger; 0 for any
 */
public record ThrottleLimits(Rates bytes, Rates operations, long operationSize) {
  /** No limits. */
  public static final ThrottleLimits NONE = new ThrottleLimits(Rates.NONE, Rates.NONE, 0);

  /** Limits of one kind; {@code total} excludes the other two. */
  public record Rates(Rate total, Rate read, Rate write) {
    public static final Rates NONE = new Rates(Rate.NONE, Rate.NONE, Rate.NONE);

    boolean limited() {
      return total.limited() || read.limited() || write.limited();
    }

    boolean contradictory() {
      return (total.average > 0 && (read.average > 0 || write.average > 0))
          || (total.burst > 0 && (read.burst > 0 || write.burst > 0));
    }
  }

  /**
   * One limit.
   *
   * @param average units a second; 0 for no limit
   * @param burst units a second for a while, 0 if not set
   * @param burstSeconds how long that may be, at least 1
   */
  public record Rate(long average, long burst, long burstSeconds) {
    public static final Rate NONE = new Rate(0, 0, 1);

    boolean limited() {
      return average > 0;
    }

    LeakyBucket bucket() {
      return new LeakyBucket(average, burst, burstSeconds);
    }
  }
}

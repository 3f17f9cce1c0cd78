package dev.monoceros.qcow.graph;

/**
 * One limit of a throttle group, a leaky bucket as in QEMU's {@code util/throttle.c}: what is done
 * pours in, the average rate leaks out, and who finds it full waits.
 */
final class LeakyBucket {
  private static final double NANOSECONDS = 1e9;

  /** What may come at once where no burst rate is set: a tenth of a second's worth. */
  private static final double UNSET_BURST = 10;

  private final double average;
  private final double burst;
  private final long burstSeconds;
  private double level;
  private double burstLevel;

  /**
   * @param average units a second; 0 for no limit
   * @param burst units a second for a while; 0 if not set
   * @param burstSeconds how long a burst may be
   */
  LeakyBucket(long average, long burst, long burstSeconds) {
    this.average = average;
    this.burst = burst;
    this.burstSeconds = burstSeconds;
  }

  void leak(long nanoseconds) {
    level = Math.max(level - average * nanoseconds / NANOSECONDS, 0);
    if (burstSeconds > 1) {
      burstLevel = Math.max(burstLevel - burst * nanoseconds / NANOSECONDS, 0);
    }
  }

  void add(double units) {
    level += units;
    if (burstSeconds > 1) {
      burstLevel += units;
    }
  }

  /** Nanoseconds until there is room again. */
  long nanosecondsToWait() {
    if (average == 0) {
      return 0;
    }
    double size = burst == 0 ? average / UNSET_BURST : burst * burstSeconds;
    if (level > size) {
      return (long) ((level - size) * NANOSECONDS / average);
    }
    double burstSize = burst / UNSET_BURST;
    if (burstSeconds > 1 && burstLevel > burstSize) {
      return (long) ((burstLevel - burstSize) * NANOSECONDS / burst);
    }
    return 0;
  }
}

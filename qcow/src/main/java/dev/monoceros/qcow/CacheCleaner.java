package dev.monoceros.qcow;

import dev.monoceros.qcow.map.ClusterMap;
import java.util.function.LongSupplier;

/**
 * Drops cached tables that were not used for an interval, QEMU's {@code cache-clean-interval}.
 * There is no timer here: each access looks at the clock.
 */
final class CacheCleaner {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final ClusterMap map;
  private final LongSupplier clock;
  private final long interval;
  private long last;

  /**
   * @param clock monotonic time in nanoseconds
   * @param seconds 0 for never
   */
  CacheCleaner(ClusterMap map, LongSupplier clock, long seconds) {
    this.map = map;
    this.clock = clock;
    this.interval = Math.min(seconds, Long.MAX_VALUE / NANOS_PER_SECOND) * NANOS_PER_SECOND;
    this.last = interval == 0 ? 0 : clock.getAsLong();
  }

  /** Call before each access. */
  void tick() {
    if (interval != 0) {
      long now = clock.getAsLong();
      if (now - last >= interval) {
        last = now;
        map.dropUnusedTables();
      }
    }
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CacheCounters;

/**
 * What a metadata cache did since the image was opened.
 *
 * @param hits lookups answered from memory
 * @param misses lookups that read the file
 * @param evictions entries that had to go to make room
 * @param writeBacks changed entries written to the file
 * @param cached entries in memory now
 * @param pinnedHighWater most entries in use at one time
 */
public record CacheStats(
    long hits, long misses, long evictions, long writeBacks, int cached, int pinnedHighWater) {
  /** The counters of a cache that does not exist. */
  static final CacheStats NONE = new CacheStats(0, 0, 0, 0, 0, 0);

  static CacheStats of(CacheCounters c) {
    return new CacheStats(
        c.hits(), c.misses(), c.evictions(), c.writeBacks(), c.cached(), c.pinnedHighWater());
  }
}

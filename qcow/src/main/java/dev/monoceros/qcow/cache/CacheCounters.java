package dev.monoceros.qcow.cache;

/**
 * What a cache did since it was made.
 *
 * @param cached tables in memory now
 * @param pinnedHighWater most tables pinned at one time
 */
public record CacheCounters(
    long hits, long misses, long evictions, long writeBacks, int cached, int pinnedHighWater) {}

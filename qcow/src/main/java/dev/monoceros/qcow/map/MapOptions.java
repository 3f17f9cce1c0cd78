package dev.monoceros.qcow.map;

import dev.monoceros.qcow.io.OverlapCheck;
import java.util.Set;

/**
 * How much of the metadata to keep in memory.
 *
 * @param writable whether clusters will be allocated
 * @param l2CacheBytes for L2 tables; at least one entry is kept
 * @param l2EntryBytes size of a cache entry: a power of two from 512 to the cluster size
 * @param refcountCacheBytes for refcount blocks; at least four are kept, as QEMU does
 * @param lazyRefcounts refcounts are written when the cache is full and by a flush, not before what
 *     they count; the image must be marked dirty
 * @param overlapChecks what guest data must not be written over
 * @param passRequest whether discarded clusters go back to the host
 * @param passOther whether those do whose place something else took
 */
public record MapOptions(
    boolean writable,
    long l2CacheBytes,
    int l2EntryBytes,
    long refcountCacheBytes,
    boolean lazyRefcounts,
    Set<OverlapCheck> overlapChecks,
    boolean passRequest,
    boolean passOther) {}

package dev.monoceros.qcow;

/**
 * Counters of an image since it was opened; all of them depend on the calls made and on nothing
 * else.
 *
 * @param l2 the cache of L2 tables; an entry is a slice of a table
 * @param refcounts the cache of refcount blocks
 * @param fileReads read calls to the host file, metadata included
 * @param fileWrites write calls to the host file, metadata included
 * @param barriers flushes of the host file
 * @param overlayBytes memory held by a snapshot overlay, in bytes
 * @param host holes of the image file
 */
public record ImageStats(
    CacheStats l2,
    CacheStats refcounts,
    long fileReads,
    long fileWrites,
    long barriers,
    long overlayBytes,
    HostStats host) {}

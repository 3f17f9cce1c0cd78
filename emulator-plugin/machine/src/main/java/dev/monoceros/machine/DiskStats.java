package dev.monoceros.machine;

/**
 * What one disk did. Equal for equal runs.
 *
 * @param name the guest's name for it: vda
 * @param reads read requests
 * @param writes write requests
 * @param flushes flush requests
 * @param otherRequests all other requests, refused ones included
 * @param failed requests on which the image failed
 * @param bytesRead bytes read
 * @param bytesWritten bytes written
 * @param l2Hits lookups answered by the L2 cache, 0 for images without one
 * @param l2Misses L2 tables read
 * @param l2Evictions L2 tables given up
 * @param l2WriteBacks L2 tables written
 */
public record DiskStats(
    String name,
    long reads,
    long writes,
    long flushes,
    long otherRequests,
    long failed,
    long bytesRead,
    long bytesWritten,
    long l2Hits,
    long l2Misses,
    long l2Evictions,
    long l2WriteBacks) {}

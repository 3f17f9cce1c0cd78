package dev.monoceros.machine.block;

import dev.monoceros.virtio.blk.BlockBackend;
import java.io.IOException;
import java.util.Optional;

/** An open disk image as the block device sees it. */
public interface Disk extends BlockBackend, AutoCloseable {
  /** L2 cache counters of the image; zeroes for images without such a cache. */
  CacheCounts cacheCounts();

  /** What went wrong with the image since it was opened, if anything did: the first error. */
  Optional<IOException> failure();

  /** Flushes and closes the image. */
  @Override
  void close() throws IOException;

  /**
   * Counters of a table cache.
   *
   * @param hits lookups answered without the file
   * @param misses tables read
   * @param evictions tables given up
   * @param writeBacks tables written
   */
  record CacheCounts(long hits, long misses, long evictions, long writeBacks) {
    /** Of an image without a cache. */
    public static final CacheCounts NONE = new CacheCounts(0, 0, 0, 0);
  }
}

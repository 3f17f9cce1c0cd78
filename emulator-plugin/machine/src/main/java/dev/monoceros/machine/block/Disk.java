package dev.monoceros.machine.block;

import dev.monoceros.virtio.blk.BlockBackend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** An open disk as the block device sees it, and what its machine needs besides. */
public interface Disk extends BlockBackend, AutoCloseable {
  /** What {@link #isSize} asks for, as a sentence. */
  String SIZE_RULE = "a disk's size is a positive multiple of 512 bytes";

  /** Whether a disk can have this many bytes. */
  static boolean isSize(long bytes) {
    return bytes > 0 && bytes % SECTOR_SIZE == 0;
  }

  /** Fills {@code target} with the bytes from {@code offset} on. */
  void read(long offset, MemorySegment target) throws IOException;

  /** Stores the bytes of {@code source} from {@code offset} on. */
  void write(long offset, MemorySegment source) throws IOException;

  /**
   * Changes the capacity. What is cut off is lost, what is added reads as zero.
   *
   * @param bytes the new size, a positive multiple of 512
   * @throws IOException if this disk cannot have it; nothing has changed then
   */
  void resize(long bytes) throws IOException;

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

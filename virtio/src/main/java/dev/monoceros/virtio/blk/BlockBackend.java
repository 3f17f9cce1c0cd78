package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;

/**
 * The storage behind a block device: a port that the machine implements. The device calls it only
 * with ranges inside the capacity and whole sectors, on the vCPU thread; an {@link IOException}
 * becomes status IOERR, any other exception is our own fault and goes through.
 */
public interface BlockBackend {

  /** Bytes in a sector: the unit of virtio-blk whatever the block size (5.2.4). */
  int SECTOR_SIZE = 512;

  /** Capacity in sectors of 512 bytes, 0 to 2^54. May change while the machine runs. */
  long capacitySectors();

  /** Whether writes are refused. Constant. */
  boolean readOnly();

  /**
   * Fills {@code target} with the bytes from {@code offset} on, in the order of its ranges. The
   * caller reports the memory as written.
   */
  void read(long offset, GuestBuffers target) throws IOException;

  /** Stores the bytes of {@code source}, in the order of its ranges, from {@code offset} on. */
  void write(long offset, GuestBuffers source) throws IOException;

  /** Returns once everything written before is on stable storage. */
  void flush() throws IOException;

  /**
   * Makes {@code length} bytes from {@code offset} read as zero.
   *
   * @param mayUnmap whether the storage behind them may be given up
   */
  void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException;

  /**
   * Whether {@link #writeZeroes} ever gives storage up when it may (write_zeroes_may_unmap, 5.2.4).
   * Constant.
   */
  default boolean unmapsZeroes() {
    return false;
  }

  /** Whether {@link #discard} ever does anything: offers VIRTIO_BLK_F_DISCARD. Constant. */
  default boolean discards() {
    return false;
  }

  /**
   * The guest does not need these bytes any more: a hint, after which they may have any value. The
   * range may be of any alignment.
   */
  default void discard(long offset, long length) throws IOException {}

  /**
   * Bytes that a discard should be aligned to and a multiple of: a power of two, at least a sector.
   * Constant.
   */
  default int discardAlignment() {
    return SECTOR_SIZE;
  }

  /**
   * Whether {@link #secureErase} really destroys what was stored, so that VIRTIO_BLK_F_SECURE_ERASE
   * can be offered. Constant.
   */
  default boolean erasesSecurely() {
    return false;
  }

  /** Destroys the bytes where they are stored, beyond recovery from the image. */
  default void secureErase(long offset, long length) throws IOException {
    throw new IOException("this disk cannot erase securely");
  }

  /**
   * Virtual time that the operations since the last call take beyond what the latency model says,
   * ns; asked after each request. For disks with injected delays.
   */
  default long takeDelayNanos() {
    return 0;
  }
}

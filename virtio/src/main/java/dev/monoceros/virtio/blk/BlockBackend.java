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
}

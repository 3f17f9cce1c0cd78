package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.memory.LittleEndian;

/**
 * {@code struct virtio_blk_config} (5.2.4) without its zoned part. Fields of features that are not
 * offered are zero; nothing is writable.
 */
final class BlkConfigSpace {
  static final int LENGTH = 72;

  private static final int CAPACITY = 0;
  private static final int SEG_MAX = 12;
  private static final int BLK_SIZE = 20;

  private final byte[] image = new byte[LENGTH];

  BlkConfigSpace(BlkOptions options, long features) {
    if ((features & BlkFeatures.SEG_MAX) != 0) {
      LittleEndian.write(image, SEG_MAX, Integer.BYTES, options.maxSegments());
    }
    if ((features & BlkFeatures.BLK_SIZE) != 0) {
      LittleEndian.write(image, BLK_SIZE, Integer.BYTES, options.blockSize());
    }
  }

  /** Capacity in sectors of 512 bytes. */
  void setCapacity(long sectors) {
    LittleEndian.write(image, CAPACITY, Long.BYTES, sectors);
  }

  long read(long offset, int size) {
    return LittleEndian.read(image, offset, size);
  }
}

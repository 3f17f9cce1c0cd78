package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.device.Features;
import dev.monoceros.virtio.memory.LittleEndian;

/**
 * {@code struct virtio_blk_config} (5.2.4) without its zoned part. Fields of features that are not
 * offered and all padding are zero; only {@code writeback} is ever writable.
 */
final class BlkConfigSpace {
  static final int LENGTH = 72;

  private static final int CAPACITY = 0;
  private static final int SIZE_MAX = 8;
  private static final int SEG_MAX = 12;
  private static final int BLK_SIZE = 20;
  private static final int PHYSICAL_BLOCK_EXP = 24;
  private static final int MIN_IO_SIZE = 26;
  private static final int OPT_IO_SIZE = 28;
  private static final int WRITEBACK = 32;
  private static final int NUM_QUEUES = 34;
  private static final int MAX_DISCARD_SECTORS = 36;
  private static final int MAX_DISCARD_SEG = 40;
  private static final int DISCARD_SECTOR_ALIGNMENT = 44;
  private static final int MAX_WRITE_ZEROES_SECTORS = 48;
  private static final int MAX_WRITE_ZEROES_SEG = 52;
  private static final int WRITE_ZEROES_MAY_UNMAP = 56;
  private static final int MAX_SECURE_ERASE_SECTORS = 60;
  private static final int MAX_SECURE_ERASE_SEG = 64;
  private static final int SECURE_ERASE_SECTOR_ALIGNMENT = 68;

  private final byte[] image = new byte[LENGTH];
  private final long offered;
  private final boolean firstWriteback;
  private boolean writebackWritable;

  BlkConfigSpace(BlkOptions options, BlockBackend backend, long offered) {
    this.offered = offered;
    this.firstWriteback = options.cache() != CacheMode.WRITETHROUGH;
    limits(options);
    if (has(BlkFeatures.BLK_SIZE)) {
      put(BLK_SIZE, Integer.BYTES, options.blockSize());
    }
    if (has(BlkFeatures.TOPOLOGY)) {
      topology(options.topology(), options.blockSize());
    }
    if (has(BlkFeatures.MQ)) {
      put(NUM_QUEUES, Short.BYTES, options.queues());
    }
    ranges(backend);
    reset();
  }

  private void limits(BlkOptions options) {
    if (has(BlkFeatures.SIZE_MAX)) {
      put(SIZE_MAX, Integer.BYTES, options.sizeMax());
    }
    if (has(BlkFeatures.SEG_MAX)) {
      put(SEG_MAX, Integer.BYTES, options.maxSegments());
    }
  }

  private void topology(BlkTopology topology, int blockSize) {
    put(PHYSICAL_BLOCK_EXP, Byte.BYTES, topology.physicalBlockExponent(blockSize));
    put(MIN_IO_SIZE, Short.BYTES, topology.minIoSize() / blockSize);
    put(OPT_IO_SIZE, Integer.BYTES, topology.optIoSize() / blockSize);
  }

  private void ranges(BlockBackend backend) {
    int alignment = backend.discardAlignment() / BlockBackend.SECTOR_SIZE;
    if (has(BlkFeatures.DISCARD)) {
      put(MAX_DISCARD_SECTORS, Integer.BYTES, RangeLimits.DISCARD.maxSectors());
      put(MAX_DISCARD_SEG, Integer.BYTES, RangeLimits.DISCARD.maxSegments());
      put(DISCARD_SECTOR_ALIGNMENT, Integer.BYTES, alignment);
    }
    if (has(BlkFeatures.WRITE_ZEROES)) {
      put(MAX_WRITE_ZEROES_SECTORS, Integer.BYTES, RangeLimits.WRITE_ZEROES.maxSectors());
      put(MAX_WRITE_ZEROES_SEG, Integer.BYTES, RangeLimits.WRITE_ZEROES.maxSegments());
      put(WRITE_ZEROES_MAY_UNMAP, Byte.BYTES, backend.unmapsZeroes() ? 1 : 0);
    }
    if (has(BlkFeatures.SECURE_ERASE)) {
      put(MAX_SECURE_ERASE_SECTORS, Integer.BYTES, RangeLimits.SECURE_ERASE.maxSectors());
      put(MAX_SECURE_ERASE_SEG, Integer.BYTES, RangeLimits.SECURE_ERASE.maxSegments());
      put(SECURE_ERASE_SECTOR_ALIGNMENT, Integer.BYTES, 1);
    }
  }

  private boolean has(long feature) {
    return Features.has(offered, feature);
  }

  private void put(int offset, int size, long value) {
    LittleEndian.write(image, offset, size, value);
  }

  /** Capacity in sectors of 512 bytes. */
  void setCapacity(long sectors) {
    put(CAPACITY, Long.BYTES, sectors);
  }

  /**
   * The features are final: {@code writeback} belongs to the driver if it took CONFIG_WCE. 5.2.5.2:
   * it is 0 then if FLUSH was not negotiated.
   */
  void negotiated(long features) {
    writebackWritable = Features.has(features, BlkFeatures.CONFIG_WCE);
    if (writebackWritable && !Features.has(features, BlkFeatures.FLUSH)) {
      setWriteback(false);
    }
  }

  /** Whether the cache is in write-back mode, as the driver or the options want it. */
  boolean writeback() {
    return image[WRITEBACK] != 0;
  }

  private void setWriteback(boolean on) {
    put(WRITEBACK, Byte.BYTES, on && has(BlkFeatures.CONFIG_WCE) ? 1 : 0);
  }

  long read(long offset, int size) {
    return LittleEndian.read(image, offset, size);
  }

  /** 5.2.5.1: the driver writes {@code writeback} only, and only with CONFIG_WCE. */
  void write(long offset, int size, long value) {
    if (writebackWritable && offset <= WRITEBACK && offset + size > WRITEBACK) {
      setWriteback((value >>> Byte.SIZE * (WRITEBACK - offset) & 0xFF) != 0);
    }
  }

  void reset() {
    writebackWritable = false;
    setWriteback(firstWriteback);
  }
}

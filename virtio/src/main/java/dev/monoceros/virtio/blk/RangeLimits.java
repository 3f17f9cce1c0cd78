package dev.monoceros.virtio.blk;

/**
 * How much one discard, write-zeroes or secure-erase request may cover (5.2.4), so that the work
 * for one request is bounded: giving up clusters is quick, zeroing may mean writing.
 *
 * @param feature the bit with which such requests exist (5.2.3)
 * @param maxSectors most sectors of one segment
 * @param maxSegments most segments of one request
 */
record RangeLimits(long feature, int maxSectors, int maxSegments) {
  /** 1 GiB in each of 16 segments. */
  static final RangeLimits DISCARD = new RangeLimits(BlkFeatures.DISCARD, 1 << 21, 16);

  /** 32 MiB in one segment. */
  static final RangeLimits WRITE_ZEROES = new RangeLimits(BlkFeatures.WRITE_ZEROES, 1 << 16, 1);

  /** 32 MiB in one segment. */
  static final RangeLimits SECURE_ERASE = new RangeLimits(BlkFeatures.SECURE_ERASE, 1 << 16, 1);
}

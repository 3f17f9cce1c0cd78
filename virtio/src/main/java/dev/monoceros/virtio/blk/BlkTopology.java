package dev.monoceros.virtio.blk;

/**
 * Hints about sizes that suit the disk (5.2.4, VIRTIO_BLK_F_TOPOLOGY).
 *
 * @param physicalBlockSize bytes that the disk writes as one: a power of two, 512 to 65536 and at
 *     least the block size
 * @param minIoSize smallest request that is not slower than it could be, in bytes, a multiple of
 *     the block size; 0 if not told
 * @param optIoSize best size of a long sequential request in bytes, a multiple of the block size; 0
 *     if not told
 */
public record BlkTopology(int physicalBlockSize, int minIoSize, int optIoSize) {
  /** Physical blocks of 512 bytes and no hints. */
  public static final BlkTopology DEFAULT = new BlkTopology(512, 0, 0);

  private static final int LEAST = 512;
  private static final int MOST = 1 << 16;
  private static final int MOST_MIN_IO_BLOCKS = 0xFFFF;

  /** Refuses values out of range with an {@link IllegalArgumentException}. */
  public BlkTopology {
    boolean power = Integer.bitCount(physicalBlockSize) == 1;
    if (!power || physicalBlockSize < LEAST || physicalBlockSize > MOST) {
      throw new IllegalArgumentException(
          "a disk's physical block size is a power of two from " + LEAST + " to " + MOST);
    }
  }

  /** Refuses hints that do not fit blocks of {@code blockSize} bytes. */
  void requireFit(int blockSize) {
    boolean whole = minIoSize % blockSize == 0 && optIoSize % blockSize == 0;
    if (minIoSize < 0 || optIoSize < 0 || !whole) {
      throw new IllegalArgumentException(
          "a disk's min-io-size and opt-io-size are multiples of its block size");
    }
    if (minIoSize / blockSize > MOST_MIN_IO_BLOCKS) {
      throw new IllegalArgumentException(
          "a disk's min-io-size is at most " + MOST_MIN_IO_BLOCKS + " blocks");
    }
  }

  /** log2 of logical blocks in a physical one; 0 if the physical block is not larger. */
  int physicalBlockExponent(int blockSize) {
    int ratio = Math.max(1, physicalBlockSize / blockSize);
    return Integer.numberOfTrailingZeros(ratio);
  }
}

package dev.monoceros.qcow.format;

/**
 * Where a compressed cluster is, section "Compressed Clusters Descriptor". Offset and length share
 * an L2 entry: with x = 62 - (cluster_bits - 8), bits 0 to x - 1 are the offset in the file, which
 * need not be aligned, and bits x to 61 the number of further sectors of 512 bytes. The data may
 * cross host clusters.
 *
 * @param offset of the first byte in the file
 * @param length bytes to the end of the last sector, at most two clusters; the stream may end
 *     before that
 */
public record CompressedDescriptor(long offset, int length) {
  private static final int SECTOR_BITS = 9;
  private static final int SECTOR = 1 << SECTOR_BITS;
  private static final int FLAG_BITS = 62;
  private static final long FLAG = 1L << FLAG_BITS;

  /** Sectors of one cluster need so many bits fewer than its bytes, plus one. */
  private static final int SECTOR_COUNT_BITS = SECTOR_BITS - 1;

  private static int offsetBits(Geometry geometry) {
    return FLAG_BITS - (geometry.clusterBits() - SECTOR_COUNT_BITS);
  }

  /** First byte beyond what a descriptor can point at. */
  public static long maxOffset(Geometry geometry) {
    return Math.min(1L << offsetBits(geometry), TableEntry.MAX_HOST_OFFSET);
  }

  /** Takes an L2 entry of kind COMPRESSED apart. */
  public static CompressedDescriptor of(long entry, Geometry geometry) {
    int bits = offsetBits(geometry);
    long offset = entry & ((1L << bits) - 1);
    int more = (int) ((entry & (FLAG - 1)) >>> bits);
    return new CompressedDescriptor(
        offset, ((more + 1) << SECTOR_BITS) - (int) (offset & (SECTOR - 1)));
  }

  /**
   * The L2 entry for a stream of {@code length} bytes at {@code offset}. Its COPIED bit is clear:
   * it is never written in place.
   */
  public static long entry(long offset, int length, Geometry geometry) {
    long more = ((offset + length - 1) >>> SECTOR_BITS) - (offset >>> SECTOR_BITS);
    return FLAG | more << offsetBits(geometry) | offset;
  }
}

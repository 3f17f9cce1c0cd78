package dev.monoceros.virtio.blk;

/**
 * The ranges of a discard, write-zeroes or secure-erase request, checked to lie inside the
 * capacity. Filled by the parser, immutable to everybody else until the request has completed.
 */
public final class BlkRanges {
  private final long[] offsets = new long[RangeLimits.DISCARD.maxSegments()];
  private final long[] lengths = new long[RangeLimits.DISCARD.maxSegments()];
  private final boolean[] unmap = new boolean[RangeLimits.DISCARD.maxSegments()];
  private int count;
  private long total;

  BlkRanges() {}

  /** How many there are, 0 to 16. */
  public int count() {
    return count;
  }

  /** First byte on the disk of range {@code i}, a multiple of 512. */
  public long offset(int i) {
    return offsets[checkIndex(i)];
  }

  /** Length of range {@code i} in bytes, a multiple of 512, may be 0. */
  public long length(int i) {
    return lengths[checkIndex(i)];
  }

  /** Whether the storage behind range {@code i} may be given up; for WRITE_ZEROES only. */
  public boolean mayUnmap(int i) {
    return unmap[checkIndex(i)];
  }

  /** Bytes in all ranges together. */
  public long byteSize() {
    return total;
  }

  void clear() {
    count = 0;
    total = 0;
  }

  void add(long offset, long length, boolean mayUnmap) {
    offsets[count] = offset;
    lengths[count] = length;
    unmap[count] = mayUnmap;
    count++;
    // At most 16 ranges of at most 1 GiB.
    total += length;
  }

  private int checkIndex(int i) {
    if (i < 0 || i >= count) {
      throw new IndexOutOfBoundsException("range " + i + " of " + count);
    }
    return i;
  }
}

package dev.monoceros.qcow.map;

import java.util.Arrays;

/**
 * Clusters whose pointers were removed in memory. Their refcounts go down only after the removal is
 * on disk, so until then they can neither be reused nor, after a cut, be pointed at while free.
 */
final class PendingFrees {
  /** Set in an offset whose cluster goes back to the host; clusters are aligned to 512 at least. */
  private static final long DISCARDED = 1;

  private long[] offsets = new long[16];
  private int count;

  /**
   * @param discarded nobody wants the contents any more, so the host may have its blocks back
   */
  void add(long offset, boolean discarded) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
    }
    offsets[count++] = discarded ? offset | DISCARDED : offset;
  }

  int size() {
    return count;
  }

  /** Offset of the one to be freed next. */
  long peek() {
    return offsets[count - 1] & ~DISCARDED;
  }

  /** Whether the host may have the blocks of that one back. */
  boolean peekDiscarded() {
    return (offsets[count - 1] & DISCARDED) != 0;
  }

  void removePeeked() {
    count--;
  }
}

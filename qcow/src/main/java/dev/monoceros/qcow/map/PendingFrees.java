package dev.monoceros.qcow.map;

import java.util.Arrays;

/**
 * Clusters whose pointers were removed in memory. Their refcounts go down only after the removal is
 * on disk, so until then they can neither be reused nor, after a cut, be pointed at while free.
 */
final class PendingFrees {
  private long[] offsets = new long[16];
  private int count;

  void add(long offset) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
    }
    offsets[count++] = offset;
  }

  int size() {
    return count;
  }

  /** Offset of the one to be freed next. */
  long peek() {
    return offsets[count - 1];
  }

  void removePeeked() {
    count--;
  }
}

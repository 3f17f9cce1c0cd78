package dev.monoceros.qcow.cache;

import java.util.Arrays;

/**
 * Open-addressing map from file offset to slot. Java's own map would box every key it looks up, and
 * keys that lie together spare the processor a look at tables that are not meant.
 */
final class OffsetIndex {
  private static final int FIRST_CELLS = 64;

  private long[] offsets = emptyCells(FIRST_CELLS);
  private CachedTable[] tables = new CachedTable[FIRST_CELLS];
  private int used;

  CachedTable get(long offset) {
    int mask = offsets.length - 1;
    int at = spread(offset) & mask;
    while (offsets[at] != CachedTable.EMPTY) {
      if (offsets[at] == offset) {
        return tables[at];
      }
      at = (at + 1) & mask;
    }
    return null;
  }

  void put(CachedTable table) {
    if ((used + 1) * 2 > offsets.length) {
      grow();
    }
    insert(table);
    used++;
  }

  /** Removes and closes the gap, so that no probe sequence is broken. */
  void remove(CachedTable table) {
    int mask = offsets.length - 1;
    int gap = spread(table.offset) & mask;
    while (offsets[gap] != table.offset) {
      gap = (gap + 1) & mask;
    }
    int at = gap;
    while (true) {
      at = (at + 1) & mask;
      if (offsets[at] == CachedTable.EMPTY) {
        break;
      }
      int home = spread(offsets[at]) & mask;
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        offsets[gap] = offsets[at];
        tables[gap] = tables[at];
        gap = at;
      }
    }
    offsets[gap] = CachedTable.EMPTY;
    tables[gap] = null;
    used--;
  }

  private void insert(CachedTable table) {
    int mask = offsets.length - 1;
    int at = spread(table.offset) & mask;
    while (offsets[at] != CachedTable.EMPTY) {
      at = (at + 1) & mask;
    }
    offsets[at] = table.offset;
    tables[at] = table;
  }

  private void grow() {
    CachedTable[] old = tables;
    offsets = emptyCells(old.length * 2);
    tables = new CachedTable[old.length * 2];
    for (CachedTable table : old) {
      if (table != null) {
        insert(table);
      }
    }
  }

  private static long[] emptyCells(int count) {
    long[] cells = new long[count];
    Arrays.fill(cells, CachedTable.EMPTY);
    return cells;
  }

  /** Fibonacci hashing: offsets are multiples of large powers of two. */
  static int spread(long offset) {
    return (int) ((offset * 0x9E3779B97F4A7C15L) >>> 33);
  }
}

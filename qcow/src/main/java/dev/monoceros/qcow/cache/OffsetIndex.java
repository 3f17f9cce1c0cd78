package dev.monoceros.qcow.cache;

/** Open-addressing map from file offset to slot; Java's own map would box every key it looks up. */
final class OffsetIndex {
  private CachedTable[] cells;
  private int used;

  OffsetIndex() {
    cells = new CachedTable[64];
  }

  CachedTable get(long offset) {
    int mask = cells.length - 1;
    int at = spread(offset) & mask;
    while (cells[at] != null) {
      if (cells[at].offset == offset) {
        return cells[at];
      }
      at = (at + 1) & mask;
    }
    return null;
  }

  void put(CachedTable table) {
    if ((used + 1) * 2 > cells.length) {
      grow();
    }
    insert(table);
    used++;
  }

  /** Removes and closes the gap, so that no probe sequence is broken. */
  void remove(CachedTable table) {
    int mask = cells.length - 1;
    int gap = spread(table.offset) & mask;
    while (cells[gap] != table) {
      gap = (gap + 1) & mask;
    }
    int at = gap;
    while (true) {
      at = (at + 1) & mask;
      if (cells[at] == null) {
        break;
      }
      int home = spread(cells[at].offset) & mask;
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        cells[gap] = cells[at];
        gap = at;
      }
    }
    cells[gap] = null;
    used--;
  }

  private void insert(CachedTable table) {
    int mask = cells.length - 1;
    int at = spread(table.offset) & mask;
    while (cells[at] != null) {
      at = (at + 1) & mask;
    }
    cells[at] = table;
  }

  private void grow() {
    CachedTable[] old = cells;
    cells = new CachedTable[old.length * 2];
    for (CachedTable table : old) {
      if (table != null) {
        insert(table);
      }
    }
  }

  /** Fibonacci hashing: offsets are multiples of large powers of two. */
  private static int spread(long offset) {
    return (int) ((offset * 0x9E3779B97F4A7C15L) >>> 33);
  }
}

package dev.monoceros.qcow.map;

import java.util.Arrays;

/** A set of cluster numbers without boxing: open addressing, linear probing. */
final class ClusterSet {
  private static final long EMPTY = -1;

  private long[] cells;
  private int used;

  ClusterSet() {
    cells = newCells(64);
  }

  ClusterSet(ClusterSet other) {
    cells = other.cells.clone();
    used = other.used;
  }

  private static long[] newCells(int length) {
    long[] cells = new long[length];
    Arrays.fill(cells, EMPTY);
    return cells;
  }

  boolean contains(long cluster) {
    return cells[find(cells, cluster)] == cluster;
  }

  /** False if it was there already. */
  boolean add(long cluster) {
    int at = find(cells, cluster);
    if (cells[at] == cluster) {
      return false;
    }
    cells[at] = cluster;
    if (++used * 2 > cells.length) {
      grow();
    }
    return true;
  }

  void remove(long cluster) {
    int gap = find(cells, cluster);
    if (cells[gap] != cluster) {
      return;
    }
    int mask = cells.length - 1;
    for (int at = (gap + 1) & mask; cells[at] != EMPTY; at = (at + 1) & mask) {
      if (((at - spread(cells[at])) & mask) >= ((at - gap) & mask)) {
        cells[gap] = cells[at];
        gap = at;
      }
    }
    cells[gap] = EMPTY;
    used--;
  }

  private void grow() {
    long[] larger = newCells(cells.length * 2);
    for (long cluster : cells) {
      if (cluster != EMPTY) {
        larger[find(larger, cluster)] = cluster;
      }
    }
    cells = larger;
  }

  /** The cell of {@code cluster}, or the empty one where it would go. */
  private static int find(long[] cells, long cluster) {
    int mask = cells.length - 1;
    int at = spread(cluster) & mask;
    while (cells[at] != EMPTY && cells[at] != cluster) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private static int spread(long cluster) {
    return (int) ((cluster * 0x9E3779B97F4A7C15L) >>> 33);
  }
}

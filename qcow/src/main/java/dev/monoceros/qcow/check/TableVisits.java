package dev.monoceros.qcow.check;

/**
 * The L2 tables that were looked at, by their offsets, and how often more. Snapshots share tables,
 * and a hostile image may name one table millions of times; looking once is enough. Open addressing
 * with linear probing: 16 bytes a table at half load.
 */
final class TableVisits {
  private static final int FAULTY = 1 << 31;
  private static final int MAX_REPEATS = Integer.MAX_VALUE;

  /** Never 0, which marks an empty cell. */
  private long[] keys = new long[64];

  /** Repeats through the active L1 table, with {@link #FAULTY} in the sign bit. */
  private int[] active = new int[64];

  /** Repeats through snapshots. */
  private int[] others = new int[64];

  private int used;

  /**
   * False if it was there already.
   *
   * @param key that stands for an offset, not 0
   */
  boolean add(long key) {
    int at = find(keys, key);
    if (keys[at] != 0) {
      return false;
    }
    keys[at] = key;
    if (++used * 2 > keys.length) {
      grow();
    }
    return true;
  }

  /** Remembers that something was wrong with it. */
  void markFaulty(long key) {
    active[find(keys, key)] |= FAULTY;
  }

  boolean faulty(long key) {
    return (active[find(keys, key)] & FAULTY) != 0;
  }

  void repeat(long key, boolean throughActive) {
    int at = find(keys, key);
    if (throughActive) {
      active[at] += (active[at] & MAX_REPEATS) < MAX_REPEATS ? 1 : 0;
    } else {
      others[at] += others[at] < MAX_REPEATS ? 1 : 0;
    }
  }

  boolean contains(long key) {
    return keys[find(keys, key)] == key;
  }

  /** Number of cells. */
  int slots() {
    return keys.length;
  }

  /** What is in a cell, 0 for nothing. */
  long key(int slot) {
    return keys[slot];
  }

  int activeRepeats(int slot) {
    return active[slot] & MAX_REPEATS;
  }

  int otherRepeats(int slot) {
    return others[slot];
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldActive = active;
    int[] oldOthers = others;
    keys = new long[oldKeys.length * 2];
    active = new int[keys.length];
    others = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int at = find(keys, oldKeys[i]);
        keys[at] = oldKeys[i];
        active[at] = oldActive[i];
        others[at] = oldOthers[i];
      }
    }
  }

  private static int find(long[] keys, long key) {
    int mask = keys.length - 1;
    int at = (int) ((key * 0x9E3779B97F4A7C15L) >>> 33) & mask;
    while (keys[at] != 0 && keys[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }
}

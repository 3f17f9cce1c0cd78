package dev.monoceros.qcow.cache;

import java.nio.ByteBuffer;

/**
 * One slot of a {@link TableCache}: a table, or an aligned part of one, in memory. Valid from the
 * call that returned it to the next call on the cache, or for as long as it is pinned.
 */
public final class CachedTable {
  static final long EMPTY = -1;

  final ByteBuffer bytes;
  private final TableCache owner;
  final Slab slab;
  int epoch;
  long offset = EMPTY;
  int pins;
  int dirtyFrom;
  int dirtyTo;

  /** The part of {@link #bytes} that the file has been asked for; all of it in most tables. */
  int validFrom;

  int validTo;
  CachedTable newer;
  CachedTable older;

  CachedTable(TableCache owner, Slab slab, ByteBuffer bytes) {
    this.owner = owner;
    this.slab = slab;
    this.bytes = bytes;
  }

  /** A piece of memory that several slots share, and how many of them hold a table. */
  static final class Slab {
    int used;
  }

  /** Where in the file this table lives. */
  public long offset() {
    return offset;
  }

  /** The table's bytes, big-endian; use absolute access only, and mark what you change. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Entry {@code index} of a table of 64-bit entries. */
  public long entry(int index) {
    return bytes.getLong(index << 3);
  }

  /** Sets entry {@code index} and marks it dirty. */
  public void setEntry(int index, long value) {
    bytes.putLong(index << 3, value);
    markDirty(index << 3, Long.BYTES);
  }

  /** Number of 64-bit entries, as far as they are in memory from the one that was asked for on. */
  public int entries() {
    return validTo >>> 3;
  }

  boolean holds(int at) {
    return at >= validFrom && at < validTo;
  }

  boolean whole() {
    return validTo - validFrom == bytes.capacity();
  }

  /** Remembers that these bytes differ from the file. */
  public void markDirty(int at, int length) {
    if (dirty()) {
      dirtyFrom = Math.min(dirtyFrom, at);
      dirtyTo = Math.max(dirtyTo, at + length);
    } else {
      owner.dirtyTables++;
      dirtyFrom = at;
      dirtyTo = at + length;
    }
  }

  boolean dirty() {
    return dirtyTo > 0;
  }

  void markClean() {
    if (dirty()) {
      owner.dirtyTables--;
    }
    dirtyFrom = 0;
    dirtyTo = 0;
  }
}

package dev.monoceros.qcow.cache;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * One slot of a {@link TableCache}: a table, or an aligned part of one, in memory. Valid from the
 * call that returned it to the next call on the cache, or for as long as it is pinned.
 */
public final class CachedTable {
  static final long EMPTY = -1;

  final MemorySegment memory;
  final ByteBuffer bytes;
  private final TableCache owner;
  final Slab slab;
  int epoch;
  long offset = EMPTY;
  int pins;
  int dirtyFrom;
  int dirtyTo;

  /** Where in the table {@link #bytes} begin; not 0 only in a part of one. */
  int from;

  CachedTable newer;
  CachedTable older;

  CachedTable(TableCache owner, Slab slab, MemorySegment memory) {
    this.owner = owner;
    this.slab = slab;
    this.memory = memory;
    this.bytes = memory.asByteBuffer();
  }

  /** A piece of memory that several slots share, and how many of them hold a table. */
  static final class Slab {
    int used;
  }

  /** Where in the file this table lives. */
  public long offset() {
    return offset;
  }

  /**
   * The bytes of a table that was not asked for reading only, big-endian; use absolute access only,
   * and mark what you change.
   */
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
    return (from + bytes.capacity()) >>> 3;
  }

  /** The word at byte {@code at} of the table. */
  public long word(int at) {
    return bytes.getLong(at - from);
  }

  boolean holds(int at) {
    return at >= from && at < from + bytes.capacity();
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

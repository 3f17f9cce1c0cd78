package dev.monoceros.qcow.cache;

import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * A bounded write-back cache of tables, keyed by their offset in the file. When it is full the
 * least recently used unpinned table goes.
 *
 * <p>Dirty tables are written together: the prerequisite costs a flush of the host file, and one
 * flush then pays for all of them, not only for the table that has to go. A table stays dirty until
 * it has been written whole, so a failed write-back can be repeated.
 */
public final class TableCache {
  private static final int SLAB_BYTES = 256 * 1024;
  private static final int SECTOR = 512;

  /** One in so many of the tables that a full cache turns away comes in all the same. */
  private static final int TURN = 32;

  private final OrderedFile file;
  private final int tableBytes;
  private final int clusterSize;
  private final int capacity;
  private final Prerequisite before;
  private final BlockEvent loading;
  private final BlockEvent storing;
  private final OffsetIndex index = new OffsetIndex();
  private final ArrayDeque<CachedTable> free = new ArrayDeque<>();
  private final CachedTable ends =
      new CachedTable(this, new CachedTable.Slab(), MemorySegment.NULL);
  int dirtyTables;
  private Glimpses glimpses;
  private int turnedAway;
  private int slots;
  private long hits;
  private long misses;
  private long evictions;
  private long writeBacks;
  private int epoch;
  private int pinned;
  private int pinnedHighWater;

  /**
   * @param tableBytes size of a table in bytes, a power of two from 512 to {@code clusterSize}
   * @param capacity how many tables to keep, at least 1; memory is taken as they come
   * @param before what has to be on disk before a dirty table is written
   */
  public TableCache(
      OrderedFile file, int tableBytes, int clusterSize, int capacity, Prerequisite before) {
    this(file, tableBytes, clusterSize, capacity, before, BlockEvent.NONE, BlockEvent.NONE);
  }

  /**
   * The same.
   *
   * @param loading what the file is told before a table is read
   * @param storing what it is told before one is written
   */
  public TableCache(
      OrderedFile file,
      int tableBytes,
      int clusterSize,
      int capacity,
      Prerequisite before,
      BlockEvent loading,
      BlockEvent storing) {
    this.loading = loading;
    this.storing = storing;
    this.file = file;
    this.tableBytes = tableBytes;
    this.clusterSize = clusterSize;
    this.capacity = capacity;
    this.before = before;
    ends.newer = ends;
    ends.older = ends;
  }

  /** The table at {@code offset}, from memory or from the file; it is now the last to go. */
  public CachedTable get(long offset) throws ImageFault {
    CachedTable table = cached(offset);
    return table != null ? hit(table) : load(offset);
  }

  /**
   * The same where nothing is to be changed: only what surrounds byte {@code at} of the table need
   * be in memory, up to {@link CachedTable#entries()}.
   *
   * <p>A table that is met for the first time may never be met again, as in random requests over a
   * large disk. A full cache takes it in only if requests run through it, if it is soon met again,
   * or in its turn, one in {@link #TURN}: so what is asked for often comes in, and what is there is
   * not washed out by what is not. Of others a few entries are read.
   */
  public CachedTable getForReading(long offset, int at) throws ImageFault {
    CachedTable table = cached(offset);
    if (table != null) {
      return hit(table);
    }
    if (at == 0 || !full()) {
      return load(offset);
    }
    CachedTable part = glimpses().placeOf(offset);
    if (part.offset != offset) {
      return ++turnedAway % TURN == 0 ? load(offset) : glimpse(part, offset, at);
    }
    return part.holds(at) ? hit(part) : load(offset);
  }

  private boolean full() {
    return free.isEmpty() && slots >= capacity;
  }

  private Glimpses glimpses() {
    if (glimpses == null) {
      glimpses = new Glimpses(this);
    }
    return glimpses;
  }

  private CachedTable glimpse(CachedTable place, long offset, int at) throws ImageFault {
    requireInFile(offset);
    misses++;
    place.offset = CachedTable.EMPTY;
    int from = at & -Glimpses.BYTES;
    file.event(loading);
    file.read(place.memory, offset + from);
    place.from = from;
    place.offset = offset;
    return place;
  }

  private CachedTable cached(long offset) {
    CachedTable newest = ends.older;
    if (newest.offset == offset) {
      newest.epoch = epoch;
      return newest;
    }
    CachedTable table = index.get(offset);
    if (table != null) {
      table.epoch = epoch;
      unlink(table);
      linkNewest(table);
    }
    return table;
  }

  private CachedTable hit(CachedTable table) {
    hits++;
    return table;
  }

  private CachedTable load(long offset) throws ImageFault {
    requireInFile(offset);
    misses++;
    CachedTable slot = vacantSlot();
    try {
      file.event(loading);
      file.read(slot.memory, offset);
    } catch (ImageFault | RuntimeException e) {
      free.push(slot);
      throw e;
    }
    return admit(slot, offset);
  }

  private void requireInFile(long offset) throws ImageFault {
    if (offset >= roundUpToCluster(file.size())) {
      throw ImageFault.corrupt(
          offset, "a table at offset " + offset + " lies beyond the end of the file");
    }
  }

  /** A table of zeros for {@code offset} that the file does not hold yet; all of it is dirty. */
  public CachedTable fresh(long offset) throws ImageFault {
    CachedTable slot = vacantSlot();
    OrderedFile.fillZero(slot.bytes.clear(), tableBytes);
    slot.markDirty(0, tableBytes);
    return admit(slot, offset);
  }

  private CachedTable admit(CachedTable slot, long offset) {
    slot.offset = offset;
    slot.epoch = epoch;
    forgetGlimpse(offset);
    slot.slab.used++;
    index.put(slot);
    linkNewest(slot);
    return slot;
  }

  private void forgetGlimpse(long offset) {
    if (glimpses != null) {
      glimpses.forget(offset);
    }
  }

  private CachedTable vacantSlot() throws ImageFault {
    if (free.isEmpty() && slots < capacity) {
      allocateSlab();
    }
    CachedTable slot = free.poll();
    return slot != null ? slot : evict();
  }

  private void allocateSlab() {
    int count = Math.clamp(SLAB_BYTES / tableBytes, 1, capacity - slots);
    MemorySegment slab = Arena.ofAuto().allocate((long) count * tableBytes, SECTOR);
    CachedTable.Slab shared = new CachedTable.Slab();
    for (int i = 0; i < count; i++) {
      free.add(new CachedTable(this, shared, slab.asSlice((long) i * tableBytes, tableBytes)));
    }
    slots += count;
  }

  private CachedTable evict() throws ImageFault {
    CachedTable victim = ends.newer;
    while (victim != ends && victim.pins > 0) {
      victim = victim.newer;
    }
    if (victim == ends) {
      throw new IllegalStateException("all " + capacity + " tables of the cache are pinned");
    }
    if (victim.dirty()) {
      writeBack();
    }
    evictions++;
    remove(victim);
    return victim;
  }

  private void remove(CachedTable table) {
    index.remove(table);
    unlink(table);
    table.offset = CachedTable.EMPTY;
    table.slab.used--;
    table.markClean();
  }

  /** Keeps {@code table} in memory until as many {@link #unpin} calls. */
  public void pin(CachedTable table) {
    if (table.pins++ == 0) {
      pinnedHighWater = Math.max(pinnedHighWater, ++pinned);
    }
  }

  public void unpin(CachedTable table) {
    if (--table.pins == 0) {
      pinned--;
    }
  }

  /** Writes every dirty table, after what they rely on; no barrier follows. */
  public void writeBack() throws ImageFault {
    if (!dirty()) {
      return;
    }
    before.settle();
    // From the newest on: that is where the dirty ones are, and the search ends with the last.
    for (CachedTable table = ends.older; dirtyTables > 0; table = table.older) {
      if (table.dirty()) {
        int from = table.dirtyFrom & -SECTOR;
        int to = (table.dirtyTo + SECTOR - 1) & -SECTOR;
        file.event(storing);
        file.write(table.bytes.slice(from, to - from), table.offset + from);
        table.markClean();
        writeBacks++;
      }
    }
  }

  /** True if some table differs from the file. */
  public boolean dirty() {
    return dirtyTables > 0;
  }

  /** Forgets the tables in a range of the file that is no longer theirs, dirty or not. */
  public void drop(long from, long length) {
    for (long at = from; at < from + length; at += tableBytes) {
      forgetGlimpse(at);
      CachedTable table = index.get(at);
      if (table != null) {
        remove(table);
        free.push(table);
      }
    }
  }

  /**
   * Forgets the tables that nobody asked for since the call before this one, except dirty and
   * pinned ones, and lets go of memory that holds no table any more.
   */
  public void dropUnused() {
    CachedTable table = ends.newer;
    while (table != ends && table.epoch < epoch) {
      CachedTable next = table.newer;
      if (table.pins == 0 && !table.dirty()) {
        remove(table);
        free.push(table);
      }
      table = next;
    }
    epoch++;
    glimpses = null;
    int before = free.size();
    free.removeIf(slot -> slot.slab.used == 0);
    slots -= before - free.size();
  }

  private long roundUpToCluster(long size) {
    return (size + clusterSize - 1) & -clusterSize;
  }

  private void unlink(CachedTable table) {
    table.older.newer = table.newer;
    table.newer.older = table.older;
  }

  private void linkNewest(CachedTable table) {
    table.older = ends.older;
    table.newer = ends;
    ends.older.newer = table;
    ends.older = table;
  }

  /** A copy of the counters. */
  public CacheCounters counters() {
    int cached = slots - free.size();
    return new CacheCounters(hits, misses, evictions, writeBacks, cached, pinnedHighWater);
  }
}

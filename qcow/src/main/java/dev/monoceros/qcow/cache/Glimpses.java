package dev.monoceros.qcow.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A few entries each of the tables that a full cache has lately turned away. So few that they stay
 * in the processor's cache: random requests over a disk that is much larger than what the tables in
 * memory cover then cost little more than the entry they need.
 */
final class Glimpses {
  /** A line of the processor's cache. */
  static final int BYTES = 64;

  private static final int COUNT = 64;

  private final CachedTable[] places = new CachedTable[COUNT];

  Glimpses(TableCache owner) {
    MemorySegment memory = Arena.ofAuto().allocate(COUNT * BYTES, BYTES);
    for (int i = 0; i < COUNT; i++) {
      places[i] = new CachedTable(owner, null, memory.asSlice((long) i * BYTES, BYTES));
    }
  }

  /** The only place for a part of the table at {@code offset}; it may hold another's. */
  CachedTable placeOf(long offset) {
    return places[OffsetIndex.spread(offset) & COUNT - 1];
  }

  /** The table at {@code offset} is in memory as a whole, or no more. */
  void forget(long offset) {
    CachedTable place = placeOf(offset);
    if (place.offset == offset) {
      place.offset = CachedTable.EMPTY;
    }
  }
}

package dev.monoceros.unicorn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where a loaded library keeps pointers to some functions: its imports, and its own tables. */
final class CodePointers {
  private static final int ROWS = 32;

  private final Map<Long, List<Long>> slots;

  private CodePointers(Map<Long, List<Long>> slots) {
    this.slots = slots;
  }

  /** Looks once through memory, whose ranges begin and end on multiples of 8, for addresses. */
  static CodePointers find(List<HostMaps.Range> memory, Collection<Long> addresses) {
    long[] wanted = addresses.stream().mapToLong(Long::longValue).sorted().toArray();
    Map<Long, List<Long>> slots = new HashMap<>();
    if (wanted.length > 0) {
      long[] filter = filter(wanted);
      for (HostMaps.Range range : memory) {
        for (long at = range.begin(); at < range.end(); at += Long.BYTES) {
          long value = HostMemory.getLong(at);
          if ((filter[row(value)] >>> column(value) & 1) != 0
              && Arrays.binarySearch(wanted, value) >= 0) {
            slots.computeIfAbsent(value, ignored -> new ArrayList<>()).add(at);
          }
        }
      }
    }
    return new CodePointers(slots);
  }

  /** A bit for each address, shared with few others: most of the memory is passed over by it. */
  private static long[] filter(long[] wanted) {
    long[] filter = new long[ROWS];
    for (long value : wanted) {
      filter[row(value)] |= 1L << column(value);
    }
    return filter;
  }

  private static int row(long address) {
    return (int) (address >>> 10) & ROWS - 1;
  }

  private static long column(long address) {
    return address >>> 4;
  }

  /** Addresses of the pointers to a function, ascending. */
  List<Long> to(long function) {
    return slots.getOrDefault(function, List.of());
  }
}

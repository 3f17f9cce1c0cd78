package dev.monoceros.machine.boot;

import java.util.ArrayList;
import java.util.List;

/** The memory map that firmware would report (ACPI 6.3, section 15). */
final class MemoryMap {
  static final int RAM = 1;
  static final int RESERVED = 2;

  /** A range of physical addresses of one type. */
  record Range(long base, long length, int type) {
    static Range between(long base, long end, int type) {
      return new Range(base, end - base, type);
    }
  }

  private MemoryMap() {}

  static List<Range> of(RamLayout layout) {
    List<Range> map = new ArrayList<>();
    map.add(Range.between(0, LowMemory.CONVENTIONAL_END, RAM));
    map.add(Range.between(LowMemory.CONVENTIONAL_END, LowMemory.CONVENTIONAL_LIMIT, RESERVED));
    map.add(Range.between(LowMemory.FIRMWARE, LowMemory.EXTENDED, RESERVED));
    if (layout.lowBytes() > LowMemory.EXTENDED) {
      map.add(Range.between(LowMemory.EXTENDED, layout.lowBytes(), RAM));
    }
    if (layout.highBytes() > 0) {
      map.add(new Range(RamLayout.HIGH_BASE, layout.highBytes(), RAM));
    }
    return map;
  }
}

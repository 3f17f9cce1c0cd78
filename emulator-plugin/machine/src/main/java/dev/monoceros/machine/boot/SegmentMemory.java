package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;

/** RAM in one segment, without the hole. */
record SegmentMemory(MemorySegment ram, RamLayout layout) implements PhysicalMemory {
  @Override
  public MemorySegment slice(long address, long length) {
    boolean high = address >= RamLayout.HIGH_BASE;
    long offset = high ? address - RamLayout.HIGH_BASE : address;
    long available = high ? layout.highBytes() : layout.lowBytes();
    if (address < 0 || length < 0 || length > available || offset > available - length) {
      throw new IndexOutOfBoundsException(
          "0x%x bytes at 0x%x are not RAM".formatted(length, address));
    }
    return ram.asSlice(high ? layout.lowBytes() + offset : offset, length);
  }
}

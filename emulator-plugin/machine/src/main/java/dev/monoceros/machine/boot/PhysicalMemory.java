package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;

/** The guest's RAM by physical address, as a loader needs it before the first instruction runs. */
public interface PhysicalMemory {
  /** Where there is RAM. */
  RamLayout layout();

  /**
   * A piece of RAM.
   *
   * @throws IndexOutOfBoundsException if not all of {@code [address, address + length)} is RAM
   */
  MemorySegment slice(long address, long length);

  /** RAM kept in one segment: low RAM, directly followed by high RAM. */
  static PhysicalMemory over(MemorySegment ram) {
    return new SegmentMemory(ram, RamLayout.of(ram.byteSize()));
  }
}

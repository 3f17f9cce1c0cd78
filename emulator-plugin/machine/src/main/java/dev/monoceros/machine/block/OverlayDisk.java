package dev.monoceros.machine.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Keeps what is written to a disk in memory, so that the disk itself is only read; gone at close.
 * Zeroing takes no memory, a discard gives it back.
 */
public final class OverlayDisk extends ChunkedDisk {
  private static final int LEAST_CHUNK = 4096;
  private static final int MOST_CHUNK = 1 << 16;

  private final Disk base;

  /** What is beyond this offset of the base was cut away and does not come back. */
  private long baseEnd;

  /**
   * An overlay without changes.
   *
   * @param base is closed with this disk; it may be read-only
   * @param limit the most bytes of changes that are kept in memory
   */
  public OverlayDisk(Disk base, long limit) {
    super(
        new ChunkMap(Math.clamp(base.discardAlignment(), LEAST_CHUNK, MOST_CHUNK), limit),
        base.capacitySectors() * SECTOR_SIZE);
    this.base = base;
    this.baseEnd = size();
  }

  @Override
  public boolean readOnly() {
    return false;
  }

  @Override
  void readAbsent(long offset, MemorySegment target, long to, long length) throws IOException {
    long there = Math.clamp(baseEnd - offset, 0, length);
    if (there > 0) {
      base.read(offset, target.asSlice(to, there));
    }
    target.asSlice(to + there, length - there).fill((byte) 0);
  }

  @Override
  boolean absentIsZero(long offset) {
    return offset >= baseEnd;
  }

  @Override
  public void resize(long bytes) throws IOException {
    super.resize(bytes);
    baseEnd = Math.min(baseEnd, bytes);
  }

  @Override
  public CacheCounts cacheCounts() {
    return base.cacheCounts();
  }

  @Override
  public void close() throws IOException {
    try {
      base.close();
    } finally {
      super.close();
    }
  }
}

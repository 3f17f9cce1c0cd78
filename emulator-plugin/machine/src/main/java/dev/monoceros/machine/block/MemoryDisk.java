package dev.monoceros.machine.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A disk in the host's memory, all zeros at first and gone at the end. It takes memory for what was
 * written, 4 KiB at a time, and gives it back when that is discarded or zeroed.
 */
public final class MemoryDisk extends ChunkedDisk {
  private static final int CHUNK = 4096;

  private final boolean readOnly;

  /**
   * An empty disk.
   *
   * @param bytes its size, a multiple of 512
   */
  public MemoryDisk(long bytes, boolean readOnly) {
    super(new ChunkMap(CHUNK, Long.MAX_VALUE), bytes);
    this.readOnly = readOnly;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  void readAbsent(long offset, MemorySegment target, long to, long length) {
    target.asSlice(to, length).fill((byte) 0);
  }

  @Override
  boolean absentIsZero(long offset) {
    return true;
  }

  @Override
  public boolean erasesSecurely() {
    return true;
  }

  /** Overwrites the memory before it gives it up. */
  @Override
  public void secureErase(long offset, long length) throws IOException {
    eraseHeld(offset, length);
    writeZeroes(offset, length, true);
  }

  @Override
  public CacheCounts cacheCounts() {
    return CacheCounts.NONE;
  }
}

package dev.monoceros.qcow.copy;

import java.lang.foreign.MemorySegment;

/**
 * Splits a buffer into data and zeros as {@code qemu-img convert} does: zeros count only in runs of
 * at least {@code minSparse} bytes, and their ends are moved inwards to an alignment that spares
 * the target reading what it overwrites.
 */
final class ZeroScan {
  private static final int SECTOR = SectorDisk.SECTOR;
  private static final int STRIDE = SECTOR * 128;
  private static final MemorySegment ZERO = MemorySegment.ofArray(new long[STRIDE / Long.BYTES]);

  private final int minSparse;
  private final int alignment;

  ZeroScan(long minSparse) {
    this.minSparse = (int) minSparse;
    this.alignment = (int) Math.max(SECTOR, Long.highestOneBit(minSparse));
  }

  /** True if all bytes from {@code from} to {@code to} are zero. */
  static boolean isZero(MemorySegment bytes, long from, long to) {
    long at = from;
    while (at < to) {
      long part = Math.min(to - at, STRIDE);
      if (MemorySegment.mismatch(bytes, at, at + part, ZERO, 0, part) >= 0) {
        return false;
      }
      at += part;
    }
    return true;
  }

  private static boolean isZero(ChunkWriter.Buffer buffer, int from, int to) {
    // Nearly all data differs from zero in its first bytes: a look is cheaper than a call.
    return buffer.bytes().getLong(from) == 0 && isZero(buffer.segment(), from, to);
  }

  /** A piece from where the caller asked to {@code end}, to be written or not. */
  record Piece(int end, boolean data) {}

  /**
   * The first piece from {@code from} on.
   *
   * @param buffer whose limit is at least {@code to}; it lies at {@code diskOffset} on the disk
   * @param from multiple of 512, as {@code to}, and less than it
   */
  Piece next(ChunkWriter.Buffer buffer, long diskOffset, int from, int to) {
    if (allData(buffer, from, to)) {
      return new Piece(to, true);
    }
    Piece first = sectors(buffer, diskOffset, from, to);
    if (!first.data()) {
      return first;
    }
    int least = Math.min(minSparse, to - from);
    int used = first.end();
    int checked = used;
    while (checked < to) {
      Piece piece = sectors(buffer, diskOffset, checked, to);
      int length = piece.end() - checked;
      checked = piece.end();
      if (piece.data()) {
        used = checked;
      } else if (length >= least) {
        break;
      }
    }
    return new Piece(used, true);
  }

  /**
   * Looks at few sectors only: a run of zeros that counts is as long as the distance between two
   * looks, or lies at an end.
   */
  private boolean allData(ChunkWriter.Buffer buffer, int from, int to) {
    for (int at = from; at < to; at += minSparse) {
      if (isZero(buffer, at, at + SECTOR)) {
        return false;
      }
    }
    return !isZero(buffer, to - SECTOR, to);
  }

  /** Sectors of one kind, then the end aligned. */
  private Piece sectors(ChunkWriter.Buffer buffer, long diskOffset, int from, int to) {
    boolean zero = isZero(buffer, from, from + SECTOR);
    int end = zero ? zerosEnd(buffer, from + SECTOR, to) : dataEnd(buffer, from + SECTOR, to);
    if (end >= to) {
      return new Piece(to, !zero);
    }
    int tail = (int) ((diskOffset + end) & (alignment - 1));
    if (tail == 0) {
      return new Piece(end, !zero);
    }
    if (zero && end - from > tail) {
      return new Piece(end - tail, false);
    }
    // Data, or zeros too short to be left out: to the next boundary, which is written anyway.
    return new Piece(Math.min(to, end + alignment - tail), true);
  }

  private static int dataEnd(ChunkWriter.Buffer buffer, int from, int to) {
    int end = from;
    while (end < to && !isZero(buffer, end, end + SECTOR)) {
      end += SECTOR;
    }
    return end;
  }

  private static int zerosEnd(ChunkWriter.Buffer buffer, int from, int to) {
    int end = from;
    while (end + STRIDE <= to && isZero(buffer, end, end + STRIDE)) {
      end += STRIDE;
    }
    while (end < to && isZero(buffer, end, end + SECTOR)) {
      end += SECTOR;
    }
    return end;
  }
}

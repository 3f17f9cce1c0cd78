package dev.monoceros.qcow.copy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Splits a buffer into data and zeros as {@code qemu-img convert} does: zeros count only in runs of
 * at least {@code minSparse} bytes, and their ends are moved inwards to an alignment that spares
 * the target reading what it overwrites.
 */
final class ZeroScan {
  private static final int SECTOR = SectorDisk.SECTOR;
  private static final MemorySegment ZERO = MemorySegment.ofArray(new long[SECTOR * 128 / 8]);

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
      long part = Math.min(to - at, ZERO.byteSize());
      // Most sectors of data differ in their first bytes: a look is cheaper than a call.
      if (part >= Long.BYTES && bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != 0) {
        return false;
      }
      if (MemorySegment.mismatch(bytes, at, at + part, ZERO, 0, part) >= 0) {
        return false;
      }
      at += part;
    }
    return true;
  }

  /** A piece from where the caller asked to {@code end}, to be written or not. */
  record Piece(int end, boolean data) {}

  /**
   * The first piece from {@code from} on.
   *
   * @param bytes that lie at {@code diskOffset} on the disk
   * @param from multiple of 512, less than {@code to}
   */
  Piece next(MemorySegment bytes, long diskOffset, int from, int to) {
    Piece first = sectors(bytes, diskOffset, from, to);
    if (!first.data()) {
      return first;
    }
    int least = Math.min(minSparse, to - from);
    int used = first.end();
    int checked = used;
    while (checked < to) {
      Piece piece = sectors(bytes, diskOffset, checked, to);
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

  /** Sectors of one kind, then the end aligned. */
  private Piece sectors(MemorySegment bytes, long diskOffset, int from, int to) {
    boolean zero = isZero(bytes, from, from + SECTOR);
    int end = from + SECTOR;
    while (end < to && isZero(bytes, end, end + SECTOR) == zero) {
      end += SECTOR;
    }
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
}

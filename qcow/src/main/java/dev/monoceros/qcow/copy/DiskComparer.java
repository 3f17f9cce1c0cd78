package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Compares two disks as {@code qemu-img compare} does. */
public final class DiskComparer {
  private static final int BUFFER = 2 << 20;
  private static final int SECTOR = SectorDisk.SECTOR;

  private final SectorDisk[] disks;
  private final boolean strict;

  /**
   * @param strict sizes and the way the bytes are stored must be the same, too
   */
  public DiskComparer(DiskImage first, DiskImage second, boolean strict) {
    this.disks = new SectorDisk[] {SectorDisk.of(first), SectorDisk.of(second)};
    this.strict = strict;
  }

  /** Bytes that both disks have. */
  public long commonSize() {
    return Math.min(disks[0].length(), disks[1].length());
  }

  private long largerSize() {
    return Math.max(disks[0].length(), disks[1].length());
  }

  /**
   * Compares up to the first difference.
   *
   * @throws CopyException STATUS or READ, with the number of the disk, 0 or 1
   */
  public Comparison run(Progress progress) throws CopyException {
    if (strict && commonSize() != largerSize()) {
      return new Comparison(Comparison.Outcome.SIZE, commonSize(), false);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(BUFFER, SECTOR);
      MemorySegment second = arena.allocate(BUFFER, SECTOR);
      Comparison found = compareCommon(first, second, progress);
      if (!found.identical() || commonSize() == largerSize()) {
        return found;
      }
      return checkOverhang(first, progress);
    }
  }

  private Comparison compareCommon(MemorySegment first, MemorySegment second, Progress progress)
      throws CopyException {
    long total = commonSize();
    long at = 0;
    while (at < total) {
      Extent a = status(0, at, total - at);
      Extent b = status(1, at, total - at);
      if (strict && !(SectorDisk.sameKind(a, b) && endsDisk(0, a) == endsDisk(1, b))) {
        return new Comparison(Comparison.Outcome.STATUS, at, false);
      }
      long length = Math.min(a.length(), b.length());
      boolean zeroA = SectorDisk.readsAsZero(a);
      boolean zeroB = SectorDisk.readsAsZero(b);
      long different = -1;
      if (zeroA != zeroB) {
        length = Math.min(length, BUFFER);
        different = firstNonZero(zeroA ? 1 : 0, at, (int) length, first);
      } else if (!zeroA) {
        length = Math.min(length, BUFFER);
        different = firstDifference(at, (int) length, first, second);
      }
      if (different >= 0) {
        return new Comparison(Comparison.Outcome.CONTENT, at + different, false);
      }
      at += length;
      progress.at(at, largerSize());
    }
    return new Comparison(Comparison.Outcome.IDENTICAL, total, false);
  }

  /** What only the longer disk has must be zero. */
  private Comparison checkOverhang(MemorySegment buffer, Progress progress) throws CopyException {
    int longer = disks[0].length() > disks[1].length() ? 0 : 1;
    long total = largerSize();
    long at = commonSize();
    while (at < total) {
      Extent extent = status(longer, at, total - at);
      long length = extent.length();
      if (!SectorDisk.readsAsZero(extent)) {
        length = Math.min(length, BUFFER);
        long different = firstNonZero(longer, at, (int) length, buffer);
        if (different >= 0) {
          return new Comparison(Comparison.Outcome.CONTENT, at + different, true);
        }
      }
      at += length;
      progress.at(at, total);
    }
    return new Comparison(Comparison.Outcome.IDENTICAL, total, true);
  }

  /** QEMU's block status says so, and its strict mode compares all of the status. */
  private boolean endsDisk(int disk, Extent extent) {
    return extent.end() == disks[disk].length();
  }

  private Extent status(int disk, long offset, long length) throws CopyException {
    try {
      // Joined stretches save work, but strict mode must see each as the image tells it.
      return strict ? disks[disk].through(offset, length) : disks[disk].run(offset, length, true);
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.STATUS, disk, offset, e);
    }
  }

  private void read(int disk, long offset, int length, MemorySegment buffer) throws CopyException {
    ByteBuffer bytes = buffer.asByteBuffer().limit(length);
    try {
      disks[disk].read(offset, bytes);
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.READ, disk, offset, e);
    }
  }

  /** Start of the first sector that is not all zero, or -1. */
  private long firstNonZero(int disk, long offset, int length, MemorySegment buffer)
      throws CopyException {
    read(disk, offset, length, buffer);
    if (ZeroScan.isZero(buffer, 0, length)) {
      return -1;
    }
    int at = 0;
    while (ZeroScan.isZero(buffer, at, Math.min(length, at + SECTOR))) {
      at += SECTOR;
    }
    return at;
  }

  private long firstDifference(long offset, int length, MemorySegment first, MemorySegment second)
      throws CopyException {
    read(0, offset, length, first);
    read(1, offset, length, second);
    long at = MemorySegment.mismatch(first, 0, length, second, 0, length);
    return at < 0 ? -1 : at & -SECTOR;
  }
}

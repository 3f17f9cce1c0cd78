package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Puts an image on another backing file without changing what it reads as, as {@code qemu-img
 * rebase} does in its safe mode.
 *
 * <p>What differs between the old and the new backing file is written into the image, over the old
 * one, and flushed; then the header names the new one. A cut at any moment leaves the same disk.
 */
public final class DiskRebaser {
  private static final int BUFFER = 2 << 20;
  private static final int SECTOR = SectorDisk.SECTOR;

  /** Numbers of the disks in a {@link CopyException}. */
  public static final int IMAGE = 0;

  /** The old backing file. */
  public static final int OLD = 1;

  /** The new backing file. */
  public static final int NEW = 2;

  private final SectorDisk image;
  private final Optional<SectorDisk> oldBacking;
  private final Optional<SectorDisk> newBacking;
  private final int sharedDepth;

  /**
   * @param image opened for writing, with its old backing file if it has one
   * @param newBacking opened for reading; empty for none
   * @param sharedDepth how many images lie above the new backing file if it is a part of the old
   *     chain, such as 2 for the backing file's own backing file; 0 if it is not
   */
  public DiskRebaser(DiskImage image, Optional<DiskImage> newBacking, int sharedDepth) {
    this.image = SectorDisk.of(image);
    this.oldBacking = image.backing().map(SectorDisk::of);
    this.newBacking = newBacking.map(SectorDisk::of);
    this.sharedDepth = sharedDepth;
  }

  /**
   * Makes the image independent of the difference and flushes it; the header still names the old
   * backing file.
   */
  public void copyDifferences(Progress progress) throws CopyException {
    long size = image.length();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment was = arena.allocate(BUFFER, SECTOR);
      MemorySegment will = arena.allocate(BUFFER, SECTOR);
      long at = 0;
      while (at < size) {
        at += step(at, Math.min(size - at, BUFFER), was, will);
        progress.at(at, size);
      }
    }
    try {
      image.image().flush();
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.FINISH, IMAGE, size, e);
    }
  }

  /** Writes the new name into the header; after {@link #copyDifferences} only. */
  public void changeReference(Optional<BackingReference> reference) throws CopyException {
    try {
      image.image().changeBacking(reference);
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.FINISH, IMAGE, 0, e);
    }
  }

  private long step(long at, long most, MemorySegment was, MemorySegment will)
      throws CopyException {
    Extent own = status(at, most, false);
    if (own.allocated()) {
      return own.length();
    }
    long length = own.length();
    if (sharedDepth > 0) {
      Extent below = status(at, length, true);
      length = below.length();
      if (!below.allocated() || below.depth() >= sharedDepth) {
        return length;
      }
    }
    length = clip(length, at, oldBacking);
    length = clip(length, at, newBacking);
    read(OLD, oldBacking, at, length, was);
    read(NEW, newBacking, at, length, will);
    boolean zero = oldBacking.isEmpty() || at >= oldBacking.get().length();
    copyWhereDifferent(at, (int) length, was, will, zero);
    return length;
  }

  /** Never across the end of a backing file. */
  private static long clip(long length, long at, Optional<SectorDisk> disk) {
    long end = disk.map(SectorDisk::length).orElse(0L);
    return at < end ? Math.min(length, end - at) : length;
  }

  private Extent status(long at, long length, boolean through) throws CopyException {
    try {
      return through ? image.through(at, length) : image.run(at, length, false);
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.STATUS, IMAGE, at, e);
    }
  }

  private static void read(
      int number, Optional<SectorDisk> disk, long at, long length, MemorySegment target)
      throws CopyException {
    if (disk.isEmpty() || at >= disk.get().length()) {
      target.asSlice(0, length).fill((byte) 0);
      return;
    }
    try {
      disk.get().read(at, target.asByteBuffer().limit((int) length));
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.READ, number, at, e);
    }
  }

  private void copyWhereDifferent(
      long at, int length, MemorySegment was, MemorySegment will, boolean zero)
      throws CopyException {
    int from = 0;
    while (from < length) {
      long mismatch = MemorySegment.mismatch(was, from, length, will, from, length);
      if (mismatch < 0) {
        return;
      }
      from += (int) mismatch & -SECTOR;
      int to = from + SECTOR;
      while (to < length
          && MemorySegment.mismatch(was, to, to + SECTOR, will, to, to + SECTOR) >= 0) {
        to += SECTOR;
      }
      write(at + from, was.asByteBuffer().position(from).limit(to), zero);
      from = to;
    }
  }

  private void write(long at, ByteBuffer bytes, boolean zero) throws CopyException {
    try {
      if (zero) {
        image.writeZeroes(at, bytes.remaining(), false);
      } else {
        image.write(at, bytes);
      }
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.WRITE, IMAGE, at, e);
    }
  }
}

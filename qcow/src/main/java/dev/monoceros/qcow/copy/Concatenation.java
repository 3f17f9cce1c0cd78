package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.List;

/** Disks one after the other, read as one. */
final class Concatenation {
  private final SectorDisk[] parts;
  private final long[] starts;
  private final long length;
  private final boolean salvage;

  Concatenation(List<DiskImage> images, boolean salvage) {
    parts = images.stream().map(SectorDisk::of).toArray(SectorDisk[]::new);
    starts = new long[parts.length];
    long at = 0;
    for (int i = 0; i < parts.length; i++) {
      starts[i] = at;
      at = Math.addExact(at, parts[i].length());
    }
    length = at;
    this.salvage = salvage;
  }

  long length() {
    return length;
  }

  /** Number of the part that holds {@code offset}, which is less than the length. */
  int partAt(long offset) {
    int i = parts.length - 1;
    while (starts[i] > offset || parts[i].length() == 0) {
      i--;
    }
    return i;
  }

  SectorDisk part(int index) {
    return parts[index];
  }

  long start(int index) {
    return starts[index];
  }

  /** Fills {@code target}, across parts if need be. */
  void read(long offset, ByteBuffer target, Salvager salvager) throws CopyException {
    int limit = target.limit();
    long at = offset;
    while (target.position() < limit) {
      int index = partAt(at);
      SectorDisk part = parts[index];
      long in = at - starts[index];
      int start = target.position();
      int wanted = (int) Math.min(limit - start, part.length() - in);
      target.limit(start + wanted);
      try {
        part.read(in, target);
      } catch (ImageException e) {
        if (!salvage) {
          throw new CopyException(CopyException.Step.READ, index, offset, e);
        }
        target.limit(start + wanted).position(start);
        readSectors(index, in, target, salvager);
      }
      target.limit(limit);
      at += wanted;
    }
  }

  /** Each sector for itself, so that only those are lost that cannot be read. */
  private void readSectors(int index, long in, ByteBuffer target, Salvager salvager) {
    int limit = target.limit();
    long at = in;
    while (target.position() < limit) {
      int start = target.position();
      target.limit(start + SectorDisk.SECTOR);
      try {
        parts[index].read(at, target);
      } catch (ImageException e) {
        salvager.lost(new CopyException(CopyException.Step.READ, index, at, e));
        target.limit(start + SectorDisk.SECTOR).position(start);
        OrderedFile.fillZero(target, SectorDisk.SECTOR);
      }
      at += SectorDisk.SECTOR;
      target.limit(limit);
    }
  }

  /** Told of sectors that were taken as zero. */
  interface Salvager {
    void lost(CopyException failure);
  }
}

package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An image as a number of whole sectors.
 *
 * @param length in bytes, a multiple of 512; what the image does not reach reads as zero
 */
record SectorDisk(DiskImage image, long length) {
  static final int SECTOR = 512;

  /** Extents are joined up to this many bytes; a limit only on how far ahead is looked. */
  private static final long LOOK_AHEAD = 1L << 30;

  static SectorDisk of(DiskImage image) {
    return new SectorDisk(image, roundUp(image.size()));
  }

  /** To whole sectors. */
  static long roundUp(long bytes) {
    return Math.addExact(bytes, SECTOR - 1) & -SECTOR;
  }

  /** Fills the remaining bytes of {@code target}. */
  void read(long offset, ByteBuffer target) throws ImageException {
    long there = Math.max(0, image.size() - offset);
    int limit = target.limit();
    if (target.remaining() > there) {
      target.limit(target.position() + (int) there);
    }
    if (target.hasRemaining()) {
      image.read(offset, target);
    }
    target.limit(limit);
    OrderedFile.fillZero(target, target.remaining());
  }

  /** Writes the remaining bytes of {@code source}, but for zeros that the image does not reach. */
  void write(long offset, ByteBuffer source) throws ImageException {
    long room = image.size() - offset;
    if (source.remaining() > room) {
      source.limit(source.position() + (int) Math.max(0, room));
    }
    if (source.hasRemaining()) {
      image.write(offset, source);
    }
  }

  void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException {
    long there = Math.min(length, image.size() - offset);
    if (there > 0) {
      image.writeZeroes(offset, there, mayUnmap);
    }
  }

  /** How the disk is stored from {@code offset} on, through its backing files. */
  Extent through(long offset, long length) throws ImageException {
    return extent(offset, length, true);
  }

  /** The same of this image alone. */
  Extent own(long offset, long length) throws ImageException {
    return extent(offset, length, false);
  }

  /**
   * {@link #through} or {@link #own}, joined with what follows where it is of the same kind; data
   * that is not known to be zero is not joined, since it is moved in pieces anyway.
   */
  Extent run(long offset, long length, boolean through) throws ImageException {
    Extent first = extent(offset, length, through);
    long most = offset + Math.min(length, LOOK_AHEAD);
    long end = first.end();
    while ((!first.data() || first.zero()) && end < most) {
      Extent next = extent(end, most - end, through);
      if (!sameKind(first, next)) {
        break;
      }
      end = next.end();
    }
    return new Extent(
        offset,
        end - offset,
        first.depth(),
        first.allocated(),
        first.data(),
        first.zero(),
        first.compressed(),
        first.fileOffset(),
        first.file());
  }

  /** As far as a copy cares: where the bytes are does not matter, that they have a place does. */
  static boolean sameKind(Extent a, Extent b) {
    return a.allocated() == b.allocated()
        && a.data() == b.data()
        && a.zero() == b.zero()
        && hasPlace(a) == hasPlace(b);
  }

  private static boolean hasPlace(Extent extent) {
    return extent.fileOffset() != Extent.NO_OFFSET;
  }

  /** True if the stretch reads as zero without being looked at. */
  static boolean readsAsZero(Extent through) {
    return through.zero() || !through.allocated();
  }

  private Extent extent(long offset, long length, boolean through) throws ImageException {
    long there = image.size() - offset;
    if (there <= 0) {
      // A hole in a file, to QEMU; only a raw image can end within a sector.
      return new Extent(offset, length, 0, true, false, true, false, offset, Optional.empty());
    }
    long asked = Math.min(length, there);
    return through ? image.extent(offset, asked) : image.ownExtent(offset, asked);
  }
}

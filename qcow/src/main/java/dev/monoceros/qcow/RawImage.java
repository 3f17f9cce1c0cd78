package dev.monoceros.qcow;

import dev.monoceros.qcow.format.FormatProbe;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.IoVector;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An image whose file is the disk. */
final class RawImage extends BaseImage {
  private final OrderedFile file;
  private final boolean probed;
  private final boolean discards;

  /**
   * @param options how it was opened; its format is not looked at
   * @param probed nobody said that the file is raw. Then, as in QEMU, its first sector must not
   *     become another format's header: the guest would choose how its disk is read next time, and
   *     with it which files of the host are opened as backing files.
   */
  RawImage(Path path, OrderedFile file, OpenOptions options, boolean probed) {
    // QEMU counts disks in sectors: a part of one at the end is filled up with zeros.
    super(
        path, (file.size() + FormatProbe.SECTOR - 1) & -FormatProbe.SECTOR, options.fileReadOnly());
    this.file = file;
    this.probed = probed;
    this.discards = options.discard() == DiscardMode.UNMAP;
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.RAW;
  }

  @Override
  public int clusterSize() {
    return 1;
  }

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    file.read(target, offset);
  }

  @Override
  long readAcross(long offset, IoVector target) throws ImageFault {
    long length = Math.min(target.remaining(), file.size() - offset);
    if (length <= target.inPiece()) {
      return 0;
    }
    file.read(target, length, offset);
    return length;
  }

  @Override
  long writeAcross(long offset, IoVector source) throws ImageFault {
    if (probed && offset < FormatProbe.SECTOR) {
      return 0;
    }
    long length = source.remaining();
    file.write(source, length, offset);
    return length;
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    if (probed && offset < FormatProbe.SECTOR) {
      guard(offset, source);
    }
    file.write(source, offset);
  }

  private void guard(long offset, ByteBuffer source) throws ImageFault {
    ByteBuffer sector = firstSector();
    int at = (int) offset;
    int length = Math.min(source.remaining(), sector.capacity() - at);
    sector.put(at, source, source.position(), length);
    requireRaw(sector);
  }

  private ByteBuffer firstSector() throws ImageFault {
    ByteBuffer sector = ByteBuffer.allocate(FormatProbe.SECTOR);
    file.read(sector, 0);
    return sector.flip();
  }

  private static void requireRaw(ByteBuffer sector) throws ImageFault {
    String format = FormatProbe.probe(sector);
    if (!format.equals(FormatProbe.RAW)) {
      throw new ImageFault(
          ErrorKind.FORMAT_GUARD,
          0,
          "was opened without a format and found raw, so a write that would make it a "
              + format
              + " image is refused; give format=raw to allow it");
    }
  }

  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    if (probed && offset < FormatProbe.SECTOR) {
      // Zeros can complete a signature as well as any other byte.
      int part = (int) Math.min(length, FormatProbe.SECTOR - offset);
      guard(offset, ByteBuffer.allocate(part));
    }
    file.zero(offset, length, mayUnmap && discards);
  }

  /** Only a hint: where the host cannot punch holes the bytes stay. */
  @Override
  void discardAt(long offset, long length) throws ImageFault {
    if (!discards) {
      return;
    }
    if (probed && offset < FormatProbe.SECTOR) {
      guard(offset, ByteBuffer.allocate((int) Math.min(length, FormatProbe.SECTOR - offset)));
    }
    file.punchHole(offset, length);
  }

  @Override
  void flushAll() throws ImageFault {
    file.barrier();
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    long next = file.nextData(offset);
    // The part of a sector that fills the disk up is in no file.
    boolean data = next <= offset && offset < file.size();
    if (next <= offset && file.keepsNothing()) {
      return new Extent(
          offset, length, 0, false, false, false, false, Extent.NO_OFFSET, Optional.empty());
    }
    long end = Math.min(offset + length, data ? file.nextHole(offset) : next);
    // Whoever changes the file in between must not make this an extent of nothing.
    long known = end > offset ? end - offset : length;
    return new Extent(offset, known, 0, true, data, !data, false, offset, Optional.of(file.name()));
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    return new ImageInfo(
        path().toString(),
        ImageFormat.RAW,
        size(),
        file.allocatedBytes(),
        file.size(),
        0,
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        !file.keepsNothing());
  }

  @Override
  void resizeTo(long newSize, Preallocation preallocation) throws ImageFault {
    file.requireResizable();
    long old = file.size();
    if (preallocation == Preallocation.METADATA) {
      throw CreateChecks.bad("Unsupported preallocation mode: metadata");
    }
    file.cutTo(newSize);
    file.extendTo(newSize);
    preallocate(old, newSize, preallocation);
  }

  @Override
  void preallocateNow(Preallocation mode) throws ImageFault {
    preallocate(0, file.size(), mode);
  }

  private void preallocate(long from, long to, Preallocation mode) throws ImageFault {
    if (mode != Preallocation.OFF && from < to) {
      Reserve.on(file, from, to - from, mode);
      file.barrier();
    }
  }

  @Override
  ImageStats currentStats() {
    return new ImageStats(
        CacheStats.NONE,
        CacheStats.NONE,
        file.reads(),
        file.writes(),
        file.barriers(),
        0,
        HostStats.of(file));
  }

  @Override
  void closeAll() throws ImageFault {
    file.close();
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.codec.ClusterDecompressor;
import dev.monoceros.qcow.format.Qcow1Entry;
import dev.monoceros.qcow.format.Qcow1Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.Qcow1Map;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A QCOW image of version 1. */
final class Qcow1Image extends BaseImage {
  private final OrderedFile file;
  private final Qcow1Header header;
  private final Qcow1Map map;
  private final Below below;
  private final CompressedClusters compressed;
  private final Qcow1Writer writer;

  private Qcow1Image(
      Path path,
      OrderedFile file,
      Qcow1Header header,
      Qcow1Map map,
      Below below,
      boolean readOnly) {
    super(path, header.size(), readOnly);
    this.file = file;
    this.header = header;
    this.map = map;
    this.below = below;
    this.compressed =
        new CompressedClusters(file, header.clusterSize(), ClusterDecompressor.deflate());
    this.writer = new Qcow1Writer(file, header, map, below, compressed);
  }

  /**
   * @param header as {@code file} holds it
   * @param below closed with the image
   */
  static Qcow1Image open(
      Path path, OrderedFile file, Qcow1Header header, Below below, boolean readOnly)
      throws ImageFault {
    return new Qcow1Image(path, file, header, Qcow1Map.open(file, header), below, readOnly);
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.QCOW;
  }

  @Override
  public int clusterSize() {
    return header.clusterSize();
  }

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long at = offset;
    try {
      while (target.position() < limit) {
        long entry = map.entry(at);
        int length = (int) runOf(at, entry, limit - target.position());
        target.limit(target.position() + length);
        readRun(at, entry, target);
        target.limit(limit);
        at += length;
      }
    } finally {
      target.limit(limit);
    }
  }

  private void readRun(long at, long entry, ByteBuffer target) throws ImageFault {
    if (entry == 0) {
      below.read(at, target);
    } else if (Qcow1Entry.compressed(entry)) {
      compressed.read(
          Qcow1Entry.compressedOffset(entry, header),
          Qcow1Entry.compressedLength(entry, header),
          header.inCluster(at),
          target,
          target.remaining());
    } else {
      file.read(target, entry + header.inCluster(at));
    }
  }

  /** Bytes from {@code at} on that go on as {@code entry} begins, at most {@code wanted}. */
  private long runOf(long at, long entry, long wanted) throws ImageFault {
    int clusterSize = header.clusterSize();
    long gap = entry == 0 ? map.bytesWithoutTable(at) : 0;
    long run = gap > 0 ? gap : clusterSize - header.inCluster(at);
    long next = entry;
    while (run < wanted && !Qcow1Entry.compressed(entry)) {
      if (entry == 0) {
        gap = map.bytesWithoutTable(at + run);
        if (gap == 0 && map.entry(at + run) != 0) {
          break;
        }
        run += gap > 0 ? gap : clusterSize;
      } else {
        next += clusterSize;
        if (map.entry(at + run) != next) {
          break;
        }
        run += clusterSize;
      }
    }
    return Math.min(run, wanted);
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    writer.write(offset, source);
  }

  /** The format has no way to say "zero", so zeros are written where anything else is read. */
  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    ByteBuffer zeroes = ByteBuffer.allocateDirect(header.clusterSize());
    long end = offset + length;
    long at = offset;
    while (at < end) {
      if (map.entry(at) == 0 && !below.exists()) {
        at += runOf(at, 0, end - at);
        continue;
      }
      int part = (int) Math.min(end - at, header.clusterSize() - header.inCluster(at));
      writer.write(at, zeroes.clear().limit(part));
      at += part;
    }
  }

  /** There is no way to give a cluster back. */
  @Override
  void discardAt(long offset, long length) {}

  @Override
  ClusterCompressor compressor() {
    return ClusterCompressor.deflate();
  }

  @Override
  void writeCompressedAt(long offset, ByteBuffer source) throws ImageFault {
    writer.writeCompressed(offset, source);
  }

  @Override
  void writePackedAt(long offset, ByteBuffer packed) throws ImageFault {
    writer.writePacked(offset, packed);
  }

  @Override
  void flushAll() throws ImageFault {
    map.flush();
  }

  @Override
  void makeEmptyNow() throws ImageFault {
    compressed.forget();
    map.clear();
  }

  @Override
  void resizeTo(long newSize, Preallocation preallocation) throws ImageFault {
    throw new ImageFault(
        ErrorKind.UNSUPPORTED, ImageFault.NO_OFFSET, "Image format driver does not support resize");
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    long entry = map.entry(offset);
    boolean allocated = entry != 0;
    boolean packed = Qcow1Entry.compressed(entry);
    boolean placed = allocated && !packed;
    return new Extent(
        offset,
        runOf(offset, entry, length),
        0,
        allocated,
        allocated,
        !allocated && !below.exists(),
        packed,
        placed ? entry + header.inCluster(offset) : Extent.NO_OFFSET,
        placed ? Optional.of(file.name()) : Optional.empty());
  }

  @Override
  BaseImage base() {
    return below.image();
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    Optional<BackingReference> backing =
        header.backing().map(name -> new BackingReference(name, Optional.empty()));
    return new ImageInfo(
        path().toString(),
        ImageFormat.QCOW,
        size(),
        file.allocatedBytes(),
        file.size(),
        clusterSize(),
        false,
        false,
        backing,
        backing.map(b -> path().resolveSibling(b.name()).toString()),
        List.of(),
        Optional.empty());
  }

  @Override
  ImageStats currentStats() {
    return new ImageStats(
        CacheStats.of(map.counters()),
        CacheStats.NONE,
        file.reads(),
        file.writes(),
        file.barriers(),
        0,
        HostStats.of(file));
  }

  @Override
  void closeAll() throws ImageFault {
    compressed.close();
    writer.close();
    try {
      below.close();
    } finally {
      file.close();
    }
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.codec.ClusterDecompressor;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import dev.monoceros.qcow.map.MapOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A QCOW2 image, version 2 or 3. */
final class Qcow2Image extends BaseImage {
  private static final long MAX_AUTO_L2_CACHE = 32L << 20;
  private static final int AUTO_L2_ENTRY = 4096;
  private static final int MIN_L2_ENTRY = 512;

  private final OrderedFile file;
  private final Header header;
  private final ClusterMap map;
  private final CompressedClusters compressed;
  private final ClusterReader reader;
  private final ClusterWriter writer;
  private final CompressedWriter compressedWriter;
  private final ClusterEraser eraser;
  private boolean autoclearPending;

  private Qcow2Image(Path path, OrderedFile file, Header header, ClusterMap map, boolean readOnly) {
    super(path, header.size(), readOnly);
    this.file = file;
    this.header = header;
    this.map = map;
    Geometry geometry = header.geometry();
    this.compressed = new CompressedClusters(file, geometry.clusterSize(), decompressor(header));
    this.reader = new ClusterReader(file, geometry, map, compressed);
    this.writer = new ClusterWriter(file, geometry, map, compressed);
    this.compressedWriter =
        new CompressedWriter(file, geometry, map, writer, compressed, this::compressor);
    this.eraser = new ClusterEraser(geometry, map, writer, header.version(), header.size());
    this.autoclearPending = header.autoclear() != 0;
  }

  /**
   * @param header as {@code file} holds it
   */
  static Qcow2Image open(Path path, OrderedFile file, Header header, OpenOptions options)
      throws ImageFault {
    boolean readOnly = options.fileReadOnly();
    if (!readOnly) {
      requireWritable(header);
    }
    ClusterMap map = ClusterMap.open(file, header, mapOptions(header, options));
    return new Qcow2Image(path, file, header, map, readOnly);
  }

  private static ClusterDecompressor decompressor(Header header) {
    return compressionType(header) == CompressionType.ZSTD
        ? ClusterDecompressor.zstd()
        : ClusterDecompressor.deflate();
  }

  /** The parser has seen to it that the feature bit and the header's byte agree. */
  private static CompressionType compressionType(Header header) {
    boolean zstd = (header.incompatible() & Features.INCOMPATIBLE_COMPRESSION_TYPE) != 0;
    return zstd ? CompressionType.ZSTD : CompressionType.ZLIB;
  }

  private static void requireWritable(Header header) throws ImageFault {
    if (header.corrupt()) {
      throw ImageFault.corrupt(
          HeaderField.INCOMPATIBLE_FEATURES,
          "is marked corrupt and can be opened for reading only");
    }
    if (header.dirty()) {
      throw new ImageFault(
          ErrorKind.DIRTY,
          HeaderField.INCOMPATIBLE_FEATURES,
          "was not closed cleanly (dirty bit) and can be opened for reading only until repaired");
    }
  }

  private static MapOptions mapOptions(Header header, OpenOptions options) throws ImageFault {
    int clusterSize = header.geometry().clusterSize();
    long entry = options.l2CacheEntrySize();
    if (entry == OpenOptions.AUTO) {
      entry = Math.min(AUTO_L2_ENTRY, clusterSize);
    } else if (entry < MIN_L2_ENTRY || entry > clusterSize || Long.bitCount(entry) != 1) {
      throw badOption(
          "L2 cache entry size " + entry + " is not a power of two from 512 to the cluster size");
    }
    long l2 = options.l2CacheSize();
    if (l2 == OpenOptions.AUTO) {
      long clusters = header.geometry().clustersFor(header.size());
      long cover = Math.max(clusters * TableEntry.BYTES, entry) + entry - 1;
      l2 = Math.min(cover, MAX_AUTO_L2_CACHE);
    }
    long refcounts = options.refcountCacheSize();
    if (l2 < 0 || refcounts < OpenOptions.AUTO) {
      throw badOption("a cache size is negative");
    }
    return new MapOptions(!options.fileReadOnly(), l2, (int) entry, Math.max(refcounts, 0));
  }

  private static ImageFault badOption(String sentence) {
    return new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, sentence);
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.QCOW2;
  }

  @Override
  public int clusterSize() {
    return header.geometry().clusterSize();
  }

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    reader.read(offset, target);
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    beforeChange();
    writer.write(offset, source);
  }

  @Override
  ClusterCompressor compressor() {
    return compressionType(header) == CompressionType.ZSTD
        ? ClusterCompressor.zstd()
        : ClusterCompressor.deflate();
  }

  @Override
  void writeCompressedAt(long offset, ByteBuffer source) throws ImageFault {
    beforeChange();
    compressedWriter.write(offset, source);
  }

  @Override
  void writePackedAt(long offset, ByteBuffer packed) throws ImageFault {
    beforeChange();
    compressedWriter.writePacked(offset, packed);
  }

  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    beforeChange();
    eraser.writeZeroes(offset, length, mayUnmap);
  }

  @Override
  void discardAt(long offset, long length) throws ImageFault {
    beforeChange();
    eraser.discard(offset, length);
  }

  /**
   * "An implementation may only write to an image with unknown auto-clear features if it clears the
   * respective bits from this field first." The known one, bitmaps, goes too: nobody keeps them up
   * to date here.
   */
  private void beforeChange() throws ImageFault {
    if (autoclearPending) {
      file.writeZeroes(HeaderField.AUTOCLEAR_FEATURES, Long.BYTES);
      file.barrier();
      autoclearPending = false;
    }
    if (map.manyPendingFrees()) {
      map.flush();
    }
  }

  @Override
  void flushAll() throws ImageFault {
    map.flush();
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    return reader.extent(offset, length);
  }

  @Override
  ImageInfo currentInfo() {
    return new ImageInfo(
        path().toString(),
        ImageFormat.QCOW2,
        size(),
        -1,
        file.size(),
        clusterSize(),
        false,
        header.dirty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.of(
            new ImageInfo.Qcow2(
                header.version(),
                compressionType(header),
                false,
                1 << header.geometry().refcountOrder(),
                header.corrupt(),
                false,
                Optional.empty(),
                false,
                List.of())));
  }

  @Override
  ImageStats currentStats() {
    return new ImageStats(
        CacheStats.of(map.l2Counters()),
        CacheStats.of(map.refcountCounters()),
        file.reads(),
        file.writes(),
        file.barriers(),
        0);
  }

  @Override
  void closeAll() throws ImageFault {
    compressed.close();
    compressedWriter.close();
    file.close();
  }
}

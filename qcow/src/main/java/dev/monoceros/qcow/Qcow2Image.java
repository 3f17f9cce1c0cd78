package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.codec.ClusterDecompressor;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderField;
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
  /** Autoclear features that every write here respects. */
  private static final long KEPT_AUTOCLEAR = Features.AUTOCLEAR_DATA_FILE_RAW;

  private final Qcow2Files files;
  private final OrderedFile file;
  private final Header header;
  private final ClusterMap map;
  private final Below below;
  private final CacheCleaner cleaner;
  private final boolean discards;
  private final CompressedClusters compressed;
  private final ClusterReader reader;
  private final ClusterWriter writer;
  private final CompressedWriter compressedWriter;
  private final ClusterEraser eraser;
  private boolean autoclearPending;

  private Qcow2Image(
      Path path,
      Qcow2Files files,
      Header header,
      Below below,
      ClusterMap map,
      OpenOptions options) {
    super(path, header.size(), options.fileReadOnly());
    this.files = files;
    this.file = files.image();
    this.header = header;
    this.map = map;
    this.below = below;
    this.discards = options.discard() == DiscardMode.UNMAP;
    this.cleaner = new CacheCleaner(map, options.clock(), options.cacheCleanInterval());
    Geometry geometry = header.geometry();
    this.compressed = new CompressedClusters(file, geometry.clusterSize(), decompressor(header));
    CompressedReader unpacker = this::unpack;
    CopyOnWrite copyOnWrite = new CopyOnWrite(files.data(), geometry, below, unpacker, this::size);
    this.reader = new ClusterReader(files.data(), geometry, map, below, unpacker);
    this.writer = new ClusterWriter(files.data(), geometry, map, copyOnWrite, files.external());
    this.compressedWriter =
        new CompressedWriter(file, geometry, map, writer, compressed, this::compressor);
    OrderedFile raw = header.rawExternalData() ? files.data() : null;
    this.eraser =
        new ClusterEraser(geometry, map, writer, below, header.version(), raw, this::size);
    this.autoclearPending = (header.autoclear() & ~KEPT_AUTOCLEAR) != 0;
  }

  private void unpack(long descriptor, int from, ByteBuffer target) throws ImageFault {
    CompressedDescriptor place = CompressedDescriptor.of(descriptor, header.geometry());
    compressed.read(place.offset(), place.length(), from, target, target.remaining());
  }

  /**
   * @param header as the image file holds it
   * @param below closed with the image
   */
  static Qcow2Image open(
      Path path, Qcow2Files files, Header header, Below below, OpenOptions options)
      throws ImageFault {
    if (!options.fileReadOnly()) {
      requireWritable(header);
    }
    MapOptions mapOptions = mapOptions(header, options);
    ClusterMap map = ClusterMap.open(files.image(), files.data(), header, mapOptions);
    return new Qcow2Image(path, files, header, below, map, options);
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
    CacheSizes sizes = CacheSizes.of(header, options);
    return new MapOptions(!options.fileReadOnly(), sizes.l2(), sizes.l2Entry(), sizes.refcounts());
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
    cleaner.tick();
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
    eraser.writeZeroes(offset, length, mayUnmap && discards);
  }

  @Override
  void discardAt(long offset, long length) throws ImageFault {
    if (discards) {
      beforeChange();
      eraser.discard(offset, length);
    }
  }

  /**
   * "An implementation may only write to an image with unknown auto-clear features if it clears the
   * respective bits from this field first." Of the known ones bitmaps goes too: nobody keeps them
   * up to date here.
   */
  private void beforeChange() throws ImageFault {
    cleaner.tick();
    if (autoclearPending) {
      ByteBuffer kept = ByteBuffer.allocate(Long.BYTES);
      kept.putLong(0, header.autoclear() & KEPT_AUTOCLEAR);
      file.write(kept, HeaderField.AUTOCLEAR_FEATURES);
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
  BaseImage base() {
    return below.image();
  }

  /** The image below as the header names it. */
  static Optional<BackingReference> backingReference(Header header) {
    return header
        .names()
        .backing()
        .map(name -> new BackingReference(name, header.names().backingFormat()));
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
        backingReference(header),
        header.names().backing().map(name -> path().resolveSibling(name).toString()),
        List.of(),
        Optional.of(
            new ImageInfo.Qcow2(
                header.version(),
                compressionType(header),
                false,
                1 << header.geometry().refcountOrder(),
                header.corrupt(),
                header.geometry().extendedL2(),
                header.names().dataFile(),
                header.rawExternalData(),
                List.of())));
  }

  @Override
  ImageStats currentStats() {
    return new ImageStats(
        CacheStats.of(map.l2Counters()),
        CacheStats.of(map.refcountCounters()),
        files.reads(),
        files.writes(),
        files.barriers(),
        0);
  }

  @Override
  void closeAll() throws ImageFault {
    compressed.close();
    compressedWriter.close();
    try {
      below.close();
    } finally {
      files.close();
    }
  }
}

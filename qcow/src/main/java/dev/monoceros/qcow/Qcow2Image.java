package dev.monoceros.qcow;

import dev.monoceros.qcow.admin.HeaderStore;
import dev.monoceros.qcow.admin.ImageRewrite;
import dev.monoceros.qcow.admin.Resize;
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
import dev.monoceros.qcow.snapshot.SnapshotEditor;
import dev.monoceros.qcow.snapshot.SnapshotTable;
import dev.monoceros.qcow.snapshot.SnapshotView;
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
  private final OpenOptions options;
  private final HeaderStore store;
  private Header header;
  private ClusterMap map;
  private CompressedClusters compressed;
  private ClusterReader reader;
  private ClusterWriter writer;
  private CompressedWriter compressedWriter;
  private ClusterEraser eraser;
  private boolean autoclearPending;

  /** A change of the image as a whole failed such that the file must be read again. */
  private boolean stale;

  private Qcow2Image(Path path, OrderedFile file, Header header, OpenOptions options)
      throws ImageFault {
    super(path, header.size(), options.fileReadOnly());
    this.file = file;
    this.options = options;
    this.store = new HeaderStore(file);
    load(header);
  }

  /** Takes everything that is kept in memory from the file. */
  private void load(Header current) throws ImageFault {
    map = ClusterMap.open(file, current, mapOptions(current, options));
    header = current;
    releaseCodecs();
    Geometry geometry = header.geometry();
    compressed = new CompressedClusters(file, geometry.clusterSize(), decompressor(header));
    reader = new ClusterReader(file, geometry, map, compressed);
    writer = new ClusterWriter(file, geometry, map, compressed);
    compressedWriter =
        new CompressedWriter(file, geometry, map, writer, compressed, this::compressor);
    eraser = new ClusterEraser(geometry, map, writer, header.version(), header.size());
    autoclearPending = header.autoclear() != 0;
    setSize(header.size());
    stale = false;
  }

  /**
   * @param header as {@code file} holds it
   */
  static Qcow2Image open(Path path, OrderedFile file, Header header, OpenOptions options)
      throws ImageFault {
    if (!options.fileReadOnly()) {
      requireWritable(header);
    }
    if (options.snapshotName().isEmpty()) {
      return new Qcow2Image(path, file, header, options);
    }
    Header view = SnapshotView.of(file, header, options.snapshotName().get());
    return new Qcow2Image(path, file, view, options);
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

  /** Changes the image as a whole, by all or nothing, and goes on from what the file holds then. */
  private void rewrite(ImageRewrite.Change change) throws ImageFault {
    changeWhole(() -> ImageRewrite.run(file, map.allocator().hint(), change));
  }

  private void changeWhole(Change change) throws ImageFault {
    refresh();
    map.flush();
    stale = true;
    try {
      change.make();
    } catch (ImageFault e) {
      try {
        refresh();
      } catch (ImageFault again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    refresh();
  }

  private void refresh() throws ImageFault {
    if (stale) {
      load(store.read());
    }
  }

  @Override
  void resizeTo(long newSize, Preallocation preallocation) throws ImageFault {
    long old = size();
    boolean hideBelow = false;
    if (newSize > old && geometry().inCluster(old) != 0) {
      // A shrink before left there what the last cluster held.
      beforeChange();
      long end = Math.min(newSize, geometry().roundUp(old));
      eraser.writeZeroes(old, end - old, false);
    }
    changeSize(newSize, hideBelow, preallocation);
  }

  @Override
  void preallocateNow(Preallocation mode) throws ImageFault {
    changeSize(size(), false, mode);
  }

  private void changeSize(long newSize, boolean hideBelow, Preallocation mode) throws ImageFault {
    boolean shrinks = newSize < size();
    long end = file.size();
    rewrite(
        rewrite -> {
          Resize resize = new Resize(rewrite);
          resize.to(newSize, hideBelow, mode != Preallocation.OFF);
          for (Resize.Extent extent : resize.allocated()) {
            Reserve.on(file, extent.offset(), extent.length(), mode);
          }
        });
    if (shrinks) {
      // What was written anew lies at the end of the file; there is room before it now.
      changeWhole(() -> ImageRewrite.compact(file, end));
    }
  }

  private Geometry geometry() {
    return header.geometry();
  }

  @Override
  public Snapshots snapshots() {
    return new Qcow2Snapshots(this);
  }

  /** The snapshot table as it is now. */
  SnapshotTable snapshotTable() throws ImageFault {
    refresh();
    return SnapshotTable.read(file, header);
  }

  void editSnapshots(SnapshotEdit edit) throws ImageFault {
    rewrite(rewrite -> edit.with(new SnapshotEditor(rewrite)));
  }

  /** A change of the snapshot table. */
  @FunctionalInterface
  interface SnapshotEdit {
    void with(SnapshotEditor editor) throws ImageFault;
  }

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    refresh();
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
    refresh();
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
    refresh();
    map.flush();
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    refresh();
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
    releaseCodecs();
    file.close();
  }

  private void releaseCodecs() {
    if (compressed != null) {
      compressed.close();
      compressedWriter.close();
    }
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.admin.HeaderStore;
import dev.monoceros.qcow.admin.ImageRewrite;
import dev.monoceros.qcow.bitmap.BitmapBits;
import dev.monoceros.qcow.bitmap.BitmapDirectory;
import dev.monoceros.qcow.bitmap.BitmapEditor;
import dev.monoceros.qcow.bitmap.BitmapTracker;
import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.codec.ClusterDecompressor;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderDraft;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.IoVector;
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
  /** Autoclear features that every write here respects. */
  private static final long KEPT_AUTOCLEAR =
      Features.AUTOCLEAR_DATA_FILE_RAW | Features.AUTOCLEAR_BITMAPS;

  private final Qcow2Files files;
  private final OrderedFile file;
  private final OpenOptions options;
  private final HeaderStore store;
  private final Below below;
  private final boolean discards;
  private Header header;
  private ClusterMap map;
  private CacheCleaner cleaner;
  private CompressedClusters compressed;
  private ClusterReader reader;
  private ClusterWriter writer;
  private CompressedWriter compressedWriter;
  private ClusterEraser eraser;
  private HealthBits health;
  private HolesBeneath holes;
  private final Qcow2Admin admin = new Qcow2Admin(this);
  private final BitmapTracker tracker;
  private long keptAutoclear;
  private boolean autoclearPending;

  /** A change of the image as a whole failed such that the file must be read again. */
  private boolean stale;

  private Qcow2Image(Path path, Qcow2Files files, Header header, Below below, OpenOptions options)
      throws ImageFault {
    super(path, header.size(), options.fileReadOnly());
    this.files = files;
    this.file = files.image();
    this.below = below;
    this.options = options;
    this.discards = options.discard() == DiscardMode.UNMAP;
    this.store = new HeaderStore(file);
    this.tracker = new BitmapTracker(file);
    load(header);
  }

  /** Takes everything that is kept in memory from the file. */
  private void load(Header current) throws ImageFault {
    map = ClusterMap.open(file, files.data(), current, mapOptions(current, options));
    header = current;
    cleaner = new CacheCleaner(map, options.clock(), options.cacheCleanInterval());
    releaseCodecs();
    Geometry geometry = header.geometry();
    compressed = new CompressedClusters(file, geometry.clusterSize(), decompressor(header));
    CompressedReader unpacker = this::unpack;
    CopyOnWrite copyOnWrite =
        new CopyOnWrite(files.data(), geometry, below, unpacker, this::size, map::event);
    reader = new ClusterReader(files.data(), geometry, map, below, unpacker);
    writer = new ClusterWriter(files.data(), geometry, map, copyOnWrite, files.external());
    compressedWriter =
        new CompressedWriter(file, geometry, map, writer, compressed, () -> newCompressor(header));
    OrderedFile raw = header.rawExternalData() ? files.data() : null;
    eraser = new ClusterEraser(geometry, map, writer, below, header.version(), raw, this::size);
    health = new HealthBits(file, header, lazyRefcounts(header, options), health);
    holes = new HolesBeneath(file, files.data(), header);
    keptAutoclear = header.autoclear() & KEPT_AUTOCLEAR;
    autoclearPending = header.autoclear() != keptAutoclear;
    setSize(header.size());
    stale = false;
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
    if (options.snapshotName().isEmpty()) {
      return new Qcow2Image(path, files, header, below, options);
    }
    Header view = SnapshotView.of(files.image(), header, options.snapshotName().get());
    return new Qcow2Image(path, files, view, below, options);
  }

  private static ClusterDecompressor decompressor(Header header) {
    return compressionType(header) == CompressionType.ZSTD
        ? ClusterDecompressor.zstd()
        : ClusterDecompressor.deflate();
  }

  /** The parser has seen to it that the feature bit and the header's byte agree. */
  static CompressionType compressionType(Header header) {
    boolean zstd = (header.incompatible() & Features.INCOMPATIBLE_COMPRESSION_TYPE) != 0;
    return zstd ? CompressionType.ZSTD : CompressionType.ZLIB;
  }

  private static void requireWritable(Header header) throws ImageFault {
    if (header.corrupt()) {
      throw ImageFault.corrupt(
          HeaderField.INCOMPATIBLE_FEATURES,
          "qcow2: Image is corrupt; cannot be opened read/write");
    }
  }

  private static MapOptions mapOptions(Header header, OpenOptions options) throws ImageFault {
    CacheSizes sizes = CacheSizes.of(header, options);
    return new MapOptions(
        !options.fileReadOnly(),
        sizes.l2(),
        sizes.l2Entry(),
        sizes.refcounts(),
        lazyRefcounts(header, options),
        options.overlapChecks(),
        options.discards().request(),
        options.discards().other());
  }

  private static boolean lazyRefcounts(Header header, OpenOptions options) throws ImageFault {
    boolean lazy = options.lazyRefcounts().orElse(header.lazyRefcounts());
    if (lazy && header.version() < 3) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level");
    }
    return lazy;
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
  void rewrite(ImageRewrite.Change change) throws ImageFault {
    changeWhole(() -> ImageRewrite.run(file, map.allocator().hint(), punches(), change));
  }

  /** Changes the header alone. */
  void changeHeader(HeaderEdit edit) throws ImageFault {
    changeWhole(
        () -> {
          HeaderDraft draft = store.draft();
          edit.on(draft);
          store.write(draft);
        });
  }

  /** A change of the header. */
  @FunctionalInterface
  interface HeaderEdit {
    void on(HeaderDraft draft) throws ImageFault;
  }

  /** The same for a change that writes the image file by other ways. */
  void changeWhole(Change change) throws ImageFault {
    refresh();
    health.beforeChange();
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
    if (newSize > old && header.geometry().inCluster(old) != 0) {
      // A shrink before left there what the last cluster held.
      long end = Math.min(newSize, header.geometry().roundUp(old));
      changing(old, 0, () -> eraser.writeZeroes(old, end - old, false));
    }
    admin.resize(newSize, preallocation);
  }

  @Override
  void preallocateNow(Preallocation mode) throws ImageFault {
    admin.preallocate(mode);
  }

  @Override
  void amendNow(AmendOptions changes, Progress progress) throws ImageFault {
    admin.amend(changes, progress);
  }

  @Override
  void changeBackingNow(Optional<BackingReference> reference) throws ImageFault {
    admin.changeBacking(reference);
  }

  @Override
  void makeEmptyNow() throws ImageFault {
    admin.makeEmpty();
  }

  /** The header names an image below now, which is read when this one is opened again. */
  void nameBacking() {
    below.name();
  }

  /** Whether what a change of the whole image frees goes back to the host. */
  boolean punches() {
    return options.discards().snapshot();
  }

  Header header() {
    return header;
  }

  Qcow2Files files() {
    return files;
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

  @Override
  void finishAll() throws ImageFault {
    storeBitmaps();
  }

  /** Brings the bitmaps in the file up to date. */
  void storeBitmaps() throws ImageFault {
    if (tracker.dirty()) {
      rewrite(rewrite -> tracker.save(new BitmapEditor(rewrite)));
    }
    tracker.stored();
  }

  /** The bitmaps as they are now. */
  List<Bitmap> bitmapList() throws ImageFault {
    refresh();
    return BitmapDirectory.read(file, header).entries().stream()
        .map(Qcow2Bitmaps::describe)
        .map(b -> new Bitmap(b.name(), b.granularity(), b.inUse() && !tracks(b), b.auto()))
        .toList();
  }

  private boolean tracks(Bitmap bitmap) {
    return tracker.bits(bitmap.name()).isPresent();
  }

  /** The bits of a bitmap, not to be changed. */
  BitmapBits bitmapBits(String name) throws ImageFault {
    refresh();
    Optional<BitmapBits> inMemory = tracker.bits(name);
    return inMemory.isPresent()
        ? inMemory.get()
        : BitmapEditor.read(file, header, BitmapDirectory.read(file, header).requireUsable(name));
  }

  void editBitmaps(BitmapEdit edit) throws ImageFault {
    storeBitmaps();
    rewrite(rewrite -> edit.with(new BitmapEditor(rewrite)));
  }

  /** A change of the bitmap directory. */
  @FunctionalInterface
  interface BitmapEdit {
    void with(BitmapEditor editor) throws ImageFault;
  }

  @Override
  public Bitmaps bitmaps() {
    return new Qcow2Bitmaps(this);
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
    cleaner.tick();
    refresh();
    reader.read(offset, target);
  }

  @Override
  long readAcross(long offset, IoVector target) throws ImageFault {
    cleaner.tick();
    refresh();
    return reader.readAcross(offset, target);
  }

  @Override
  long writeAcross(long offset, IoVector source) throws ImageFault {
    long length = writer.runInPlace(offset, source.remaining());
    if (length <= source.inPiece()) {
      return 0;
    }
    changing(offset, length, () -> writer.writeInPlace(offset, source, length));
    return length;
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    changing(offset, source.remaining(), () -> writer.write(offset, source));
  }

  @Override
  void readVmStateAt(long offset, ByteBuffer target) throws ImageFault {
    new VmState(this).read(offset, target);
  }

  @Override
  void writeVmStateAt(long offset, ByteBuffer source) throws ImageFault {
    new VmState(this).write(offset, source);
  }

  @Override
  ClusterCompressor compressor() throws ImageFault {
    requireCompression();
    return newCompressor(header);
  }

  private void requireCompression() throws ImageFault {
    if (files.external()) {
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "has an external data file, which cannot hold compressed clusters");
    }
  }

  private static ClusterCompressor newCompressor(Header header) {
    return compressionType(header) == CompressionType.ZSTD
        ? ClusterCompressor.zstd()
        : ClusterCompressor.deflate();
  }

  @Override
  void writeCompressedAt(long offset, ByteBuffer source) throws ImageFault {
    requireCompression();
    long end = offset + source.remaining();
    if (header.geometry().inCluster(end) != 0 && end != size()) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "a compressed write of " + source.remaining() + " bytes is not of whole clusters");
    }
    changing(offset, source.remaining(), () -> compressedWriter.write(offset, source));
  }

  @Override
  void writePackedAt(long offset, ByteBuffer packed) throws ImageFault {
    requireCompression();
    changing(offset, clusterSize(), () -> compressedWriter.writePacked(offset, packed));
  }

  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    changing(offset, length, () -> eraser.writeZeroes(offset, length, mayUnmap && discards));
  }

  @Override
  void discardAt(long offset, long length) throws ImageFault {
    if (discards) {
      changing(offset, length, () -> eraser.discard(offset, length));
    }
  }

  /** A change of guest data; one that would have hit metadata is the last. */
  private void changing(long offset, long length, Change change) throws ImageFault {
    beforeChange(offset, length);
    holes.forget();
    try {
      change.make();
    } catch (ImageFault e) {
      if (e.endsWriting()) {
        health.markCorrupt(e);
      }
      throw e;
    }
  }

  /**
   * "An implementation may only write to an image with unknown auto-clear features if it clears the
   * respective bits from this field first."
   */
  private void beforeChange(long offset, long length) throws ImageFault {
    cleaner.tick();
    refresh();
    health.beforeChange();
    if ((keptAutoclear & Features.AUTOCLEAR_BITMAPS) != 0
        && !tracker.beforeChange(header, offset, length)) {
      keptAutoclear &= ~Features.AUTOCLEAR_BITMAPS;
      autoclearPending = true;
    }
    if (autoclearPending) {
      ByteBuffer kept = ByteBuffer.allocate(Long.BYTES);
      file.write(kept.putLong(0, keptAutoclear), HeaderField.AUTOCLEAR_FEATURES);
      file.barrier();
      autoclearPending = false;
    }
    if (map.manyPendingFrees()) {
      map.sync();
    }
  }

  @Override
  void flushAll() throws ImageFault {
    refresh();
    map.sync();
  }

  @Override
  CheckReport checkNow(Repair repair) throws ImageFault {
    refresh();
    map.flush();
    stale = repair != Repair.NONE;
    CheckReport report = Checks.run(file, repair);
    refresh();
    return report;
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    refresh();
    return holes.look(reader.extent(offset, length));
  }

  @Override
  BaseImage base() {
    return below.image();
  }

  /** The image below as the header names it. */
  static Optional<BackingReference> backingReference(Header header) {
    return backingReference(header.names());
  }

  static Optional<BackingReference> backingReference(Header.Names names) {
    return names.backing().map(name -> new BackingReference(name, names.backingFormat()));
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    refresh();
    return admin.info();
  }

  @Override
  ImageStats currentStats() {
    return new ImageStats(
        CacheStats.of(map.l2Counters()),
        CacheStats.of(map.refcountCounters()),
        files.reads(),
        files.writes(),
        files.barriers(),
        0,
        HostStats.of(file));
  }

  @Override
  void closeAll() throws ImageFault {
    releaseCodecs();
    try {
      catchUp();
    } finally {
      try {
        below.close();
      } finally {
        files.close();
      }
    }
  }

  /** What makes a lazy image clean; after a failure it stays dirty. */
  private void catchUp() throws ImageFault {
    if (health.lagging() && !stale) {
      map.flush();
      file.barrier();
      health.caughtUp();
    }
  }

  private void releaseCodecs() {
    if (compressed != null) {
      compressed.close();
      compressedWriter.close();
    }
  }
}

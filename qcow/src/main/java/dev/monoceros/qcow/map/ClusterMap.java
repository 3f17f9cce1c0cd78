package dev.monoceros.qcow.map;

import dev.monoceros.qcow.cache.CacheCounters;
import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.cache.TableCache;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/**
 * From guest offset to L2 entry, section "Cluster mapping". The L1 table is resident from open; L2
 * tables come through the cache, a slice of a table at a time.
 */
public final class ClusterMap {
  private static final int MIN_REFCOUNT_BLOCKS = 4;
  private static final int PENDING_FREES_LIMIT = 4096;

  private final OrderedFile file;
  private final OrderedFile data;
  private final Geometry geometry;
  private final ResidentTable l1;
  private final TableCache l2;
  private final L2Entries entries;
  private final MappingReader mappings;
  private final int sliceMask;
  private final int sliceBits;
  private final MetadataMap metadata;
  private final Refcounts refcounts;
  private final ClusterAllocator allocator;
  private final DataClusters dataClusters;
  private final TableLinker linker;
  private final ByteAllocator byteAllocator;

  private ClusterMap(OrderedFile file, OrderedFile data, Header header, MapOptions options)
      throws ImageFault {
    this.file = file;
    this.data = data;
    this.geometry = header.geometry();
    this.l1 = ResidentTable.read(file, header.l1Offset(), header.l1Entries());
    boolean external = data != file;
    this.entries = new L2Entries(geometry, header.version(), external);
    this.mappings = new MappingReader(geometry, this, entries, file, external);
    this.sliceMask = (options.l2EntryBytes() >>> geometry.l2EntryBits()) - 1;
    this.sliceBits = Integer.numberOfTrailingZeros(options.l2EntryBytes());
    this.l2 =
        new TableCache(
            file,
            options.l2EntryBytes(),
            geometry.clusterSize(),
            tables(options.l2CacheBytes(), options.l2EntryBytes(), 1),
            this::settleForL2,
            BlockEvent.L2_LOAD,
            BlockEvent.L2_UPDATE);
    if (!options.writable()) {
      metadata = null;
      refcounts = null;
      allocator = null;
      dataClusters = null;
      linker = null;
      byteAllocator = null;
      return;
    }
    int blocks = tables(options.refcountCacheBytes(), geometry.clusterSize(), MIN_REFCOUNT_BLOCKS);
    metadata = new MetadataMap(header, this::registerL2Tables, options.overlapChecks());
    refcounts = Refcounts.open(file, header, metadata, blocks, options.lazyRefcounts());
    allocator = new ClusterAllocator(file, geometry, metadata, refcounts, options);
    dataClusters =
        external
            ? new DataClusters.External(data, geometry.clusterBits())
            : new DataClusters.Internal(allocator, metadata);
    byteAllocator = new ByteAllocator(geometry, refcounts, allocator);
    linker = new TableLinker(file, geometry, l1, l2, refcounts, allocator, metadata);
  }

  /**
   * Reads the L1 table and, for writing, the refcount table.
   *
   * @param data the file that holds the data clusters: {@code file} or an external data file
   * @throws ImageFault CORRUPT if one of them leads nowhere or two refcount blocks share a cluster
   */
  public static ClusterMap open(
      OrderedFile file, OrderedFile data, Header header, MapOptions options) throws ImageFault {
    return new ClusterMap(file, data, header, options);
  }

  private static int tables(long bytes, int tableBytes, int least) {
    return Math.clamp(bytes / tableBytes, least, Integer.MAX_VALUE / tableBytes);
  }

  /** Before a guest may write, every table must be known, so that no write lands on one. */
  private void registerL2Tables() throws ImageFault {
    for (int i = l1.next(0); i < l1.length(); i = l1.next(i + 1)) {
      long table = tableOffset(i);
      if (table != 0) {
        metadata.addTable(table);
      }
    }
  }

  /** Offset of the L2 table of an L1 entry, or 0. */
  private long tableOffset(int index) throws ImageFault {
    long entry = l1.get(index);
    long table = TableEntry.hostOffset(entry);
    String defect = TableEntry.l1Defect(entry, geometry);
    if (defect != null) {
      throw ImageFault.corrupt(l1.offsetOf(index), "L1 entry " + index + " " + defect);
    }
    if (table >= file.size() || (table == 0 && TableEntry.copied(entry))) {
      throw ImageFault.corrupt(
          l1.offsetOf(index),
          "L1 entry " + index + " points at offset " + table + ", where no L2 table can be");
    }
    return table;
  }

  /** Fills in how the disk is stored from {@code at} on, at most {@code wanted} bytes. */
  public void resolve(long at, long wanted, Mapping into) throws ImageFault {
    mappings.resolve(at, wanted, into);
  }

  /**
   * The slice of the L2 table that maps {@code guestOffset}, or null if there is no table. For
   * reading: entries before that of {@code guestOffset} may not be in memory.
   */
  public CachedTable slice(long guestOffset) throws ImageFault {
    int index = geometry.l1Index(guestOffset);
    if (l1.get(index) == 0) {
      return null;
    }
    long table = tableOffset(index);
    if (table == 0) {
      return null;
    }
    return sliceForReading(table, guestOffset);
  }

  private CachedTable sliceForReading(long table, long guestOffset) throws ImageFault {
    int at = indexInSlice(guestOffset) << geometry.l2EntryBits();
    return l2.getForReading(table + sliceStart(guestOffset), at);
  }

  /** The same, but null also if the table is shared: then its entries do not tell who else has. */
  public CachedTable unsharedSlice(long guestOffset) throws ImageFault {
    int index = geometry.l1Index(guestOffset);
    return TableEntry.copied(l1.get(index))
        ? sliceForReading(tableOffset(index), guestOffset)
        : null;
  }

  /** The same for writing: a table that is missing or shared is replaced by one of our own. */
  public CachedTable ownedSlice(long guestOffset) throws ImageFault {
    int index = geometry.l1Index(guestOffset);
    if (!TableEntry.copied(l1.get(index))) {
      linker.link(index);
    }
    return l2.get(tableOffset(index) + sliceStart(guestOffset));
  }

  private long sliceStart(long guestOffset) {
    long byteInTable = (long) geometry.l2Index(guestOffset) << geometry.l2EntryBits();
    return (byteInTable >>> sliceBits) << sliceBits;
  }

  /** Index of the entry for {@code guestOffset} within its slice. */
  public int indexInSlice(long guestOffset) {
    return geometry.l2Index(guestOffset) & sliceMask;
  }

  /** How to read and change the entries of a slice. */
  public L2Entries entries() {
    return entries;
  }

  /** Bytes of guest disk from {@code guestOffset} to the end of what its L1 entry covers. */
  public long bytesLeftInTable(long guestOffset) {
    long unit = geometry.bytesPerL1Entry();
    return unit - (guestOffset & (unit - 1));
  }

  /** Fails if the entry of {@code guestOffset}, at that place, cannot be followed. */
  public void check(CachedTable slice, int index, long guestOffset) throws ImageFault {
    String defect = entries.defect(slice, index, guestOffset, file.size());
    if (defect != null) {
      long at = entries.offsetOf(slice, index);
      throw ImageFault.corrupt(at, "the L2 entry at offset " + at + " " + defect);
    }
  }

  /** Fails if a guest's write to the host cluster at {@code offset} would hit metadata. */
  public void requireNoMetadata(long offset) throws ImageFault {
    dataClusters.requireNoMetadata(offset);
  }

  /** For metadata, which is always in the image file. */
  public ClusterAllocator allocator() {
    return allocator;
  }

  /** For guest data. */
  public DataClusters dataClusters() {
    return dataClusters;
  }

  /** The entry with this descriptor is gone, so far in memory only; its clusters may go later. */
  public void freeLater(long descriptor) {
    if (TableEntry.compressed(descriptor)) {
      freeCompressedLater(CompressedDescriptor.of(descriptor, geometry), false);
    } else if (TableEntry.hostOffset(descriptor) != 0) {
      dataClusters.freeLater(TableEntry.hostOffset(descriptor));
    }
  }

  /** The same, and what nobody uses any more goes back to the host. */
  public void discardLater(long descriptor) throws ImageFault {
    if (TableEntry.compressed(descriptor)) {
      freeCompressedLater(CompressedDescriptor.of(descriptor, geometry), true);
    } else if (TableEntry.hostOffset(descriptor) != 0) {
      dataClusters.discardLater(TableEntry.hostOffset(descriptor));
    }
  }

  /** Each host cluster that a compressed cluster touches has one user less. */
  private void freeCompressedLater(CompressedDescriptor old, boolean discarded) {
    long last = old.offset() + old.length() - 1;
    long first = old.offset() - geometry.inCluster(old.offset());
    for (long at = first; at <= last; at += geometry.clusterSize()) {
      if (discarded) {
        allocator.discardLater(at);
      } else {
        allocator.freeLater(at);
      }
    }
  }

  /** Allocates room for compressed clusters. */
  public ByteAllocator byteAllocator() {
    return byteAllocator;
  }

  /** Tells the image file what is about to be done, in whichever file. */
  public void event(BlockEvent event) {
    file.event(event);
  }

  public void pin(CachedTable slice) {
    l2.pin(slice);
  }

  public void unpin(CachedTable slice) {
    l2.unpin(slice);
  }

  /** What an L2 entry relies on: its data, its cluster's refcount, and both flushed. */
  private void settleForL2() throws ImageFault {
    if (data != file) {
      data.barrier();
    }
    refcounts.settle();
    allocator.materialize();
    file.barrier();
  }

  /** All metadata and everything written before is on disk; then freed clusters become free. */
  public void flush() throws ImageFault {
    if (refcounts != null) {
      sync();
      refcounts.writeBack();
    }
  }

  /** The same, but lazy refcounts may lag behind. */
  public void sync() throws ImageFault {
    if (refcounts == null) {
      return;
    }
    file.event(BlockEvent.FLUSH_TO_OS);
    if (data != file) {
      data.barrier();
    }
    l2.writeBack();
    refcounts.settle();
    file.event(BlockEvent.FLUSH_TO_DISK);
    file.barrier();
    if (allocator.pendingFrees() > 0) {
      byteAllocator.forget();
      allocator.applyFrees();
    }
    refcounts.settle();
  }

  /** True once so many clusters wait to be freed that the caller should flush. */
  public boolean manyPendingFrees() {
    return allocator.pendingFrees() >= PENDING_FREES_LIMIT;
  }

  /** Forgets cached tables that were not used since the call before this one. */
  public void dropUnusedTables() {
    l2.dropUnused();
    if (refcounts != null) {
      refcounts.dropUnusedBlocks();
    }
  }

  public CacheCounters l2Counters() {
    return l2.counters();
  }

  /** Counters of the refcount cache; all zero on an image opened for reading. */
  public CacheCounters refcountCounters() {
    return refcounts == null ? new CacheCounters(0, 0, 0, 0, 0, 0) : refcounts.counters();
  }
}

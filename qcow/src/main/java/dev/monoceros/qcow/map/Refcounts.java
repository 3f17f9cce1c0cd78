package dev.monoceros.qcow.map;

import dev.monoceros.qcow.cache.CacheCounters;
import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.cache.Prerequisite;
import dev.monoceros.qcow.cache.TableCache;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.RefcountCodec;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/**
 * The refcount of every host cluster, section "Host cluster management": a resident refcount table
 * over a cache of refcount blocks. Everything here may be written to disk at any moment; the
 * callers see to it that a decrement comes only after the pointer is gone.
 */
final class Refcounts {
  private static final long NONE = -1;

  private final OrderedFile file;
  private final Geometry geometry;
  private final MetadataMap metadata;
  private final RefcountCodec codec;
  private final TableCache blocks;
  private final boolean lazy;
  private ResidentTable table;

  /**
   * Where a move of the table failed, so that the disk may hold either; it goes first next time.
   */
  private long unfinishedGrowth = NONE;

  private Refcounts(
      OrderedFile file,
      Header header,
      MetadataMap metadata,
      ResidentTable table,
      int capacity,
      boolean lazy) {
    this.file = file;
    this.geometry = header.geometry();
    this.metadata = metadata;
    this.codec = new RefcountCodec(geometry.refcountOrder());
    this.table = table;
    this.lazy = lazy;
    int blockBytes = geometry.clusterSize();
    this.blocks =
        new TableCache(
            file,
            blockBytes,
            blockBytes,
            capacity,
            Prerequisite.NONE,
            BlockEvent.REFBLOCK_LOAD,
            BlockEvent.REFBLOCK_UPDATE_PART);
  }

  /**
   * Reads the refcount table and registers its blocks as metadata.
   *
   * @param capacity refcount blocks to keep in memory
   * @param lazy the image says that its refcounts may lag behind what they count
   */
  static Refcounts open(
      OrderedFile file, Header header, MetadataMap metadata, int capacity, boolean lazy)
      throws ImageFault {
    int entries = header.refcountTableClusters() * header.geometry().entriesPerCluster();
    file.event(BlockEvent.REFTABLE_LOAD);
    ResidentTable table = ResidentTable.read(file, header.refcountTableOffset(), entries);
    Refcounts refcounts = new Refcounts(file, header, metadata, table, capacity, lazy);
    for (int i = table.next(0); i < entries; i = table.next(i + 1)) {
      refcounts.checkEntry(i);
    }
    return refcounts;
  }

  private void checkEntry(int index) throws ImageFault {
    long block = table.get(index);
    if (block < 0 || block >= TableEntry.MAX_HOST_OFFSET || !geometry.aligned(block)) {
      throw ImageFault.corrupt(
          table.offsetOf(index), "refcount table entry " + index + " is not a cluster's offset");
    }
    if (block >= file.size()) {
      throw ImageFault.corrupt(
          table.offsetOf(index), "refcount block " + index + " lies beyond the end of the file");
    }
    metadata.addRefcountBlock(block);
  }

  /** Number of the table entry that covers {@code cluster}. */
  private long tableIndex(long cluster) {
    return cluster / geometry.refcountsPerBlock();
  }

  private int blockIndex(long cluster) {
    return (int) (cluster % geometry.refcountsPerBlock());
  }

  /** Offset of the block that covers {@code cluster}, or 0. */
  private long blockOffset(long cluster) throws ImageFault {
    long index = tableIndex(cluster);
    return index < table.length() ? table.get((int) index) : 0;
  }

  /** True if a refcount block covers {@code cluster}. */
  boolean covers(long cluster) throws ImageFault {
    return blockOffset(cluster) != 0;
  }

  /** First cluster after those of the block that covers {@code cluster}. */
  long blockEnd(long cluster) {
    return (tableIndex(cluster) + 1) * geometry.refcountsPerBlock();
  }

  /** First free cluster from {@code cluster} on, or {@link #blockEnd} if its block has none. */
  long firstFree(long cluster) throws ImageFault {
    CachedTable block = blocks.get(blockOffset(cluster));
    int end = geometry.refcountsPerBlock();
    int index = blockIndex(cluster);
    while (index < end && codec.get(block.bytes(), index) != 0) {
      index++;
    }
    return tableIndex(cluster) * end + index;
  }

  /** How many clusters from {@code cluster} on are free, at most {@code max}, within its block. */
  int freeRun(long cluster, int max) throws ImageFault {
    CachedTable block = blocks.get(blockOffset(cluster));
    int first = blockIndex(cluster);
    int end = Math.min(geometry.refcountsPerBlock() - first, max);
    int run = 0;
    while (run < end && codec.get(block.bytes(), first + run) == 0) {
      run++;
    }
    return run;
  }

  long get(long cluster) throws ImageFault {
    long block = blockOffset(cluster);
    return block == 0 ? 0 : codec.get(blocks.get(block).bytes(), blockIndex(cluster));
  }

  /** Sets the refcounts of {@code count} clusters of one block. */
  void set(long cluster, int count, long value) throws ImageFault {
    CachedTable block = blocks.get(blockOffset(cluster));
    int first = blockIndex(cluster);
    for (int i = 0; i < count; i++) {
      codec.set(block.bytes(), first + i, value);
    }
    int from = codec.byteOf(first);
    block.markDirty(from, codec.byteOf(first + count - 1) + codec.width() - from);
  }

  /**
   * True if the refcount of {@code cluster} cannot be raised: it is free, or as high as it gets.
   */
  boolean full(long cluster) throws ImageFault {
    long value = get(cluster);
    return value == 0 || value == codec.max();
  }

  /** Adds one reference to a cluster that is in use and not {@link #full}. */
  void increment(long cluster) throws ImageFault {
    set(cluster, 1, get(cluster) + 1);
  }

  /** Takes one reference away; true if the cluster is free now. */
  boolean decrement(long cluster) throws ImageFault {
    long value = get(cluster);
    if (value == 0) {
      long offset = cluster << geometry.clusterBits();
      throw ImageFault.corrupt(
          offset, "the cluster at offset " + offset + " is in use but its refcount is 0");
    }
    set(cluster, 1, value - 1);
    return value == 1;
  }

  /**
   * Makes a refcount block for {@code cluster}, which no block covers and which is therefore free:
   * the new block takes that very cluster and counts itself. If the refcount table is too short for
   * it, the table moves to a larger place first.
   */
  void addBlock(long cluster) throws ImageFault {
    if (unfinishedGrowth != NONE) {
      growTable(unfinishedGrowth);
    }
    if (covers(cluster)) {
      return;
    }
    file.event(BlockEvent.REFBLOCK_ALLOC);
    if (tableIndex(cluster) >= table.length()) {
      growTable(cluster);
      return;
    }
    long offset = cluster << geometry.clusterBits();
    metadata.requireNoMetadata(offset);
    CachedTable block = blocks.fresh(offset);
    codec.set(block.bytes(), blockIndex(cluster), 1);
    metadata.addRefcountBlock(offset);
    table.set((int) tableIndex(cluster), offset);
  }

  private void growTable(long cluster) throws ImageFault {
    writeBack();
    file.event(BlockEvent.REFTABLE_GROW);
    RefcountTableGrowth growth = RefcountTableGrowth.plan(geometry, table.length(), cluster);
    unfinishedGrowth = cluster;
    long oldOffset = table.offset();
    int oldClusters = table.length() / geometry.entriesPerCluster();
    table = growth.carryOut(file, table);
    unfinishedGrowth = NONE;
    metadata.moveRefcountTable(growth.tableOffset(), growth.tableClusters());
    for (long block = growth.firstBlockOffset();
        block < growth.endOffset();
        block += geometry.clusterSize()) {
      metadata.addRefcountBlock(block);
    }
    // The header points at the new table, on disk: the old one may go.
    long first = oldOffset >>> geometry.clusterBits();
    for (int i = 0; i < oldClusters; i++) {
      decrement(first + i);
    }
  }

  /** Call before a pointer to what was counted is written. */
  void settle() throws ImageFault {
    if (!lazy) {
      writeBack();
    }
  }

  /** Blocks first; the table may point at a new block once that is on disk. */
  void writeBack() throws ImageFault {
    blocks.writeBack();
    if (table.dirty()) {
      file.barrier();
      file.event(BlockEvent.REFBLOCK_ALLOC_HOOKUP);
      table.writeBack();
    }
  }

  void dropUnusedBlocks() {
    blocks.dropUnused();
  }

  CacheCounters counters() {
    return blocks.counters();
  }
}

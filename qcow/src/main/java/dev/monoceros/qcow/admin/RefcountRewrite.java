package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.RefcountCodec;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * New refcounts for an image, made beside the old ones: blocks that change are written to clusters
 * that were free and stay free in the old structure, blocks that do not are shared, and a new
 * refcount table leads to both. Until the header points at that table nothing has changed.
 *
 * <p>Clusters that become free here are not handed out again, because the image as it still is on
 * disk uses them.
 */
public final class RefcountRewrite {
  private static final long RESERVED = TableEntry.BYTES * 64 - 1;

  private final OrderedFile file;
  private final Geometry old;
  private final Geometry geometry;
  private final RefcountCodec oldCodec;
  private final RefcountCodec codec;
  private final long[] oldTable;
  private final Header header;
  private final long max;
  private RefcountBlock[] blocks;
  private long hint;
  private long loaded;
  private long end;

  /**
   * Starts from what the file holds.
   *
   * @param order log2 of the new width of a refcount in bits
   * @param hint no cluster below this one is free
   */
  RefcountRewrite(OrderedFile file, Header header, int order, long hint) throws ImageFault {
    this.file = file;
    this.header = header;
    this.old = header.geometry();
    this.geometry = new Geometry(old.clusterBits(), order);
    this.oldCodec = new RefcountCodec(old.refcountOrder());
    this.codec = new RefcountCodec(order);
    this.oldTable = new long[header.refcountTableClusters() * old.entriesPerCluster()];
    this.max = order == Geometry.MAX_REFCOUNT_ORDER ? Long.MAX_VALUE : (1L << (1 << order)) - 1;
    this.hint = hint;
    ByteBuffer table = ByteBuffer.allocate(oldTable.length * TableEntry.BYTES);
    file.read(table, header.refcountTableOffset());
    table.flip().asLongBuffer().get(oldTable);
    this.blocks = new RefcountBlock[1];
    if (!sameWidth()) {
      loadAll(last(oldTable) + 1);
    }
  }

  private static int last(long[] table) {
    int last = table.length - 1;
    while (last >= 0 && table[last] == 0) {
      last--;
    }
    return last;
  }

  private boolean sameWidth() {
    return old.refcountOrder() == geometry.refcountOrder();
  }

  private void loadAll(int covered) throws ImageFault {
    for (int i = 0; i < covered; i++) {
      if (oldTable[i] == 0) {
        continue;
      }
      ByteBuffer bytes = readBlock(oldTable[i]);
      long base = (long) i * old.refcountsPerBlock();
      for (int k = 0; k < old.refcountsPerBlock(); k++) {
        long count = oldCodec.get(bytes, k);
        if (count != 0) {
          requireFits(base + k, count);
          block(base + k).set(index(base + k), count);
        }
      }
    }
  }

  private ByteBuffer readBlock(long offset) throws ImageFault {
    if ((offset & RESERVED) != 0 || !old.aligned(offset) || offset >= file.size() || offset < 0) {
      throw ImageFault.corrupt(
          header.refcountTableOffset(), "a refcount table entry is not a cluster's offset");
    }
    ByteBuffer bytes = ByteBuffer.allocate(old.clusterSize());
    file.read(bytes, offset);
    return bytes.clear();
  }

  private long blockIndex(long cluster) {
    return cluster / geometry.refcountsPerBlock();
  }

  private int index(long cluster) {
    return (int) (cluster % geometry.refcountsPerBlock());
  }

  private RefcountBlock block(long cluster) throws ImageFault {
    long at = blockIndex(cluster);
    if (at >= Limits.REFCOUNT_TABLE_BYTES / TableEntry.BYTES) {
      throw new ImageFault(
          ErrorKind.NO_SPACE,
          ImageFault.NO_OFFSET,
          "the image file has reached the largest size its refcount table allows");
    }
    if (at >= blocks.length) {
      blocks = Arrays.copyOf(blocks, (int) at + 1 + blocks.length / 2);
    }
    int i = (int) at;
    if (blocks[i] == null) {
      chargeMemory();
      long there = sameWidth() && i < oldTable.length ? oldTable[i] : 0;
      ByteBuffer bytes =
          there == 0 ? ByteBuffer.allocate(geometry.clusterSize()) : readBlock(there);
      blocks[i] = new RefcountBlock(codec, bytes, there);
    }
    return blocks[i];
  }

  /** A sparse file can claim any number of refcount blocks; a quarter of the heap is theirs. */
  private void chargeMemory() throws ImageFault {
    loaded += geometry.clusterSize();
    if (loaded > Runtime.getRuntime().maxMemory() / 4) {
      throw new ImageFault(
          ErrorKind.NO_SPACE,
          ImageFault.NO_OFFSET,
          "the image's refcounts need more than " + loaded + " bytes of memory");
    }
  }

  /** The refcount it is to have. */
  public long get(long cluster) throws ImageFault {
    return block(cluster).get(index(cluster));
  }

  /**
   * Adds to the refcounts of clusters that are in use.
   *
   * @param offset of the first one in the file
   * @throws ImageFault CORRUPT if one is 0 or would become less, BAD_OPTION if one does not fit
   */
  public void add(long offset, long count, long delta) throws ImageFault {
    long first = offset >>> geometry.clusterBits();
    for (long cluster = first; cluster < first + count; cluster++) {
      long value = get(cluster);
      if (value == 0 || value + delta < 0) {
        long at = cluster << geometry.clusterBits();
        throw ImageFault.corrupt(
            at, "the cluster at offset " + at + " is in use but its refcount is " + value);
      }
      if (value + delta > max) {
        long at = cluster << geometry.clusterBits();
        throw new ImageFault(
            ErrorKind.BAD_OPTION,
            at,
            String.format(
                "the refcount of the cluster at offset %d cannot exceed %d in %d bits",
                at, max, 1 << geometry.refcountOrder()));
      }
      block(cluster).set(index(cluster), value + delta);
    }
  }

  private void requireFits(long cluster, long count) throws ImageFault {
    if (count > max || count < 0) {
      long at = cluster << geometry.clusterBits();
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          at,
          String.format(
              "Cannot decrease refcount entry width to %d bits:"
                  + " Cluster at offset %#x has a refcount of %d",
              1 << geometry.refcountOrder(), at, count));
    }
  }

  /** Number of the first cluster that can be taken. */
  long firstFree() throws ImageFault {
    long first = hint;
    while (!free(first)) {
      first++;
    }
    return first;
  }

  /**
   * Takes clusters in a row that are free now and after, with refcount 1.
   *
   * @return the offset of the first
   */
  public long allocate(long count) throws ImageFault {
    long first = firstFree();
    if (count == 1) {
      hint = first + 1;
    }
    long run = 1;
    while (run < count) {
      if (free(first + run)) {
        run++;
      } else {
        first += run + 1;
        run = 0;
      }
    }
    return take(first, count);
  }

  private long take(long first, long count) throws ImageFault {
    for (long cluster = first; cluster < first + count; cluster++) {
      block(cluster).set(index(cluster), 1);
    }
    end = Math.max(end, (first + count) << geometry.clusterBits());
    return first << geometry.clusterBits();
  }

  /**
   * Takes clusters in a row beyond the end of the file, where nothing was ever written.
   *
   * @return the offset of the first
   */
  public long allocateAtEnd(long count) throws ImageFault {
    long first = Math.max(geometry.clustersFor(file.size()), end >>> geometry.clusterBits());
    long run = 0;
    while (run < count) {
      if (free(first + run)) {
        run++;
      } else {
        first += run + 1;
        run = 0;
      }
    }
    return take(first, count);
  }

  private boolean free(long cluster) throws ImageFault {
    return cluster > 0 && block(cluster).free(index(cluster));
  }

  /** First byte after all that was allocated here. */
  long end() {
    return end;
  }

  /** First byte after the last cluster that is in use now. */
  long usedEnd() throws ImageFault {
    for (int i = tableEntries() - 1; i >= 0; i--) {
      long base = (long) i * geometry.refcountsPerBlock();
      for (int k = geometry.refcountsPerBlock() - 1; k >= 0 && entry(i) != 0; k--) {
        if (get(base + k) != 0) {
          return (base + k + 1) << geometry.clusterBits();
        }
      }
    }
    return geometry.clusterSize();
  }

  /** Gives the host's blocks of all that was freed back; call when the header has switched over. */
  void punchFreed() throws ImageFault {
    for (int i = 0; i < blocks.length; i++) {
      if (blocks[i] != null) {
        punchFreed(blocks[i], (long) i * geometry.refcountsPerBlock());
      }
    }
  }

  /** The same for one block, whose first refcount is that of the cluster {@code base}. */
  private void punchFreed(RefcountBlock block, long base) throws ImageFault {
    int at = block.nextFreed(0);
    while (at >= 0) {
      int end = at + 1;
      while (block.nextFreed(end) == end) {
        end++;
      }
      file.punchHole(
          (base + at) << geometry.clusterBits(), (long) (end - at) << geometry.clusterBits());
      at = block.nextFreed(end);
    }
  }

  /** Where the new refcount table is. */
  record Table(long offset, int clusters) {}

  /** Writes blocks and table; the header may point there after a flush. */
  Table write() throws ImageFault {
    add(header.refcountTableOffset(), header.refcountTableClusters(), -1);
    if (!sameWidth()) {
      for (long block : oldTable) {
        if (block != 0) {
          add(block, 1, -1);
        }
      }
    }
    placeBlocks();
    // The table's own clusters and the blocks that count them come on top of what is needed now.
    int clusters = tableClusters(tableEntries() + 2);
    long offset = allocate(clusters);
    placeBlocks();
    if (tableClusters(tableEntries()) > clusters) {
      throw new IllegalStateException("the refcount table outgrew the place made for it");
    }
    writeAll(offset, clusters);
    return new Table(offset, clusters);
  }

  /** A place for each changed block; taking it may change another block. */
  private void placeBlocks() throws ImageFault {
    boolean placed = true;
    while (placed) {
      placed = false;
      for (int i = 0; i < blocks.length; i++) {
        RefcountBlock block = blocks[i];
        if (block == null || !block.changed() || isSettled(i)) {
          continue;
        }
        long left = block.leave();
        if (left != 0) {
          add(left, 1, -1);
          placed = true;
        }
        if (!block.empty()) {
          block.settle(allocate(1));
          placed = true;
        }
      }
    }
  }

  /** It has its new place already. */
  private boolean isSettled(int i) {
    long there = sameWidth() && i < oldTable.length ? oldTable[i] : 0;
    return blocks[i].offset() != 0 && blocks[i].offset() != there;
  }

  private long entry(int i) {
    if (i < blocks.length && blocks[i] != null) {
      return blocks[i].offset();
    }
    return sameWidth() && i < oldTable.length ? oldTable[i] : 0;
  }

  private int tableEntries() {
    int entries = Math.max(blocks.length, sameWidth() ? oldTable.length : 0);
    while (entries > 0 && entry(entries - 1) == 0) {
      entries--;
    }
    return entries;
  }

  private int tableClusters(int entries) {
    return Math.max(1, (int) geometry.clustersFor((long) entries * TableEntry.BYTES));
  }

  private void writeAll(long tableOffset, int clusters) throws ImageFault {
    ByteBuffer table = ByteBuffer.allocate(clusters << geometry.clusterBits());
    for (int i = 0; i < tableEntries(); i++) {
      table.putLong(i * TableEntry.BYTES, entry(i));
      if (i < blocks.length && blocks[i] != null && blocks[i].changed() && entry(i) != 0) {
        file.write(blocks[i].bytes(), entry(i));
      }
    }
    file.write(table, tableOffset);
  }
}

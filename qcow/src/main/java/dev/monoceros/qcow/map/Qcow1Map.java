package dev.monoceros.qcow.map;

import dev.monoceros.qcow.cache.CacheCounters;
import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.cache.TableCache;
import dev.monoceros.qcow.format.Qcow1Entry;
import dev.monoceros.qcow.format.Qcow1Header;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.util.Arrays;

/**
 * From guest offset to L2 entry in QCOW version 1, and the end of the file, from which everything
 * new is taken.
 *
 * <p>Write order: a cluster's data, flush, its L2 entry; an L2 table of zeros, flush, its L1 entry.
 * There is no refcount to be wrong, so a cut loses at most the room that nothing points at.
 */
public final class Qcow1Map {
  private static final int CACHED_TABLES = 64;
  private static final int SECTOR = 512;

  private final OrderedFile file;
  private final Qcow1Header header;
  private final ResidentTable l1;
  private final TableCache l2;

  /** Where L2 tables start, in rising order; read when something is first written. */
  private long[] tables;

  private int tableCount;

  private Qcow1Map(OrderedFile file, Qcow1Header header) throws ImageFault {
    this.file = file;
    this.header = header;
    this.l1 = ResidentTable.read(file, header.l1Offset(), header.l1Entries());
    this.l2 = new TableCache(file, header.l2Bytes(), SECTOR, CACHED_TABLES, file::barrier);
  }

  /** Reads the L1 table. */
  public static Qcow1Map open(OrderedFile file, Qcow1Header header) throws ImageFault {
    return new Qcow1Map(file, header);
  }

  /** The entry of {@code guestOffset}, checked; 0 if this image holds nothing there. */
  public long entry(long guestOffset) throws ImageFault {
    long offset = tableOffset(header.l1Index(guestOffset));
    if (offset == 0) {
      return 0;
    }
    long entry = l2.get(offset).entry(header.l2Index(guestOffset));
    long at = offset + (long) header.l2Index(guestOffset) * TableEntry.BYTES;
    if (!Qcow1Entry.compressed(entry)) {
      if ((entry & (SECTOR - 1)) != 0) {
        throw ImageFault.corrupt(
            at, "the L2 entry at offset " + at + " points into the middle of a sector");
      }
      if (entry >= file.size()) {
        throw ImageFault.corrupt(
            at, "the L2 entry at offset " + at + " points beyond the end of the file");
      }
    }
    return entry;
  }

  /** Bytes from {@code guestOffset} on that no L2 table covers, or 0 if there is one for it. */
  public long bytesWithoutTable(long guestOffset) throws ImageFault {
    if (tableOffset(header.l1Index(guestOffset)) != 0) {
      return 0;
    }
    long unit = 1L << (header.clusterBits() + header.l2Bits());
    return unit - (guestOffset & (unit - 1));
  }

  /** Changes an entry in memory; the data it points at has been written. */
  public void set(long guestOffset, long entry) throws ImageFault {
    int index = header.l1Index(guestOffset);
    CachedTable table = l2.get(tableOffset(index));
    table.setEntry(header.l2Index(guestOffset), entry);
  }

  /** Sees to it that {@code guestOffset} has an L2 table, for {@link #set}. */
  public void requireTable(long guestOffset) throws ImageFault {
    int index = header.l1Index(guestOffset);
    if (tableOffset(index) == 0) {
      link(index);
    }
  }

  private long tableOffset(int index) throws ImageFault {
    long offset = l1.get(index);
    if (offset != 0 && (offset < header.l1End() || offset >= file.size())) {
      throw ImageFault.corrupt(
          l1.offsetOf(index),
          "L1 entry " + index + " points at offset " + offset + ", where no L2 table can be");
    }
    return offset;
  }

  private void link(int index) throws ImageFault {
    readTables();
    long before = file.size();
    long offset = nextCluster();
    try {
      file.extendTo(offset + header.l2Bytes());
      file.barrier();
    } catch (ImageFault e) {
      cutBack(before, e);
      throw e;
    }
    try {
      l1.store(index, offset);
    } catch (ImageFault e) {
      // The disk may hold the pointer already. Only when it is surely gone may the table go, too.
      try {
        l1.store(index, 0);
        file.barrier();
        cutBack(before, e);
      } catch (ImageFault again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    addTable(offset);
  }

  /** Where a new cluster goes: the end of the file, rounded up. */
  public long nextCluster() {
    return (file.size() + header.clusterSize() - 1) & -header.clusterSize();
  }

  /** Takes what a failed write has appended away again. */
  public void cutBack(long size, ImageFault failure) {
    try {
      file.cutTo(size);
    } catch (ImageFault e) {
      failure.addSuppressed(e);
    }
  }

  private void readTables() throws ImageFault {
    if (tables != null) {
      return;
    }
    long[] found = new long[16];
    int count = 0;
    for (int i = l1.next(0); i < l1.length(); i = l1.next(i + 1)) {
      if (count == found.length) {
        found = Arrays.copyOf(found, count * 2);
      }
      found[count++] = tableOffset(i);
    }
    Arrays.sort(found, 0, count);
    tables = found;
    tableCount = count;
  }

  private void addTable(long offset) {
    if (tableCount == tables.length) {
      tables = Arrays.copyOf(tables, tableCount * 2);
    }
    tables[tableCount++] = offset;
  }

  /** Fails if a guest's write to the cluster at {@code offset} would hit header or tables. */
  public void requireNoMetadata(long offset) throws ImageFault {
    readTables();
    int after = Arrays.binarySearch(tables, 0, tableCount, offset + header.clusterSize() - 1);
    int last = after >= 0 ? after : -after - 2;
    boolean table = last >= 0 && tables[last] + header.l2Bytes() > offset;
    if (offset < header.l1End() || table) {
      throw ImageFault.corrupt(
          offset, "the data cluster at offset " + offset + " overlaps the image's tables");
    }
  }

  /** All data and tables are on disk. */
  public void flush() throws ImageFault {
    l2.writeBack();
    file.barrier();
  }

  /** Forgets all L2 tables, on disk too: the disk reads as the one below. */
  public void clear() throws ImageFault {
    readTables();
    flush();
    for (int i = l1.next(0); i < l1.length(); i = l1.next(i + 1)) {
      l1.set(i, 0);
    }
    for (int i = 0; i < tableCount; i++) {
      l2.drop(tables[i], header.l2Bytes());
    }
    tableCount = 0;
    l1.writeBack();
    file.barrier();
    file.cutTo(header.l1End());
  }

  public CacheCounters counters() {
    return l2.counters();
  }
}

package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * What an L1 table refers to. A cluster's refcount is the number of ways to it from L1 tables: data
 * under an L2 table that two L1 tables share counts twice.
 */
public final class References {
  private static final int SECTOR = 512;
  private static final int COMPRESSED_OFFSET_BITS = 62;
  private static final int SECTOR_BITS_LESS = 8;

  private final ImageRewrite rewrite;
  private final OrderedFile file;
  private final RefcountRewrite refcounts;
  private final int clusterBits;
  private final int entryBytes;

  /** Data clusters are in another file, where nothing is counted. */
  private final boolean external;

  public References(ImageRewrite rewrite) {
    this.rewrite = rewrite;
    this.file = rewrite.file();
    this.refcounts = rewrite.refcounts();
    this.clusterBits = rewrite.geometry().clusterBits();
    this.entryBytes = l2EntryBytes(rewrite.header());
    this.external = rewrite.header().externalData();
  }

  static int l2EntryBytes(Header header) {
    return 1 << header.geometry().l2EntryBits();
  }

  /** Adds {@code delta} to the refcounts of all that {@code l1} leads to, L2 tables included. */
  public void count(long[] l1, int delta) throws ImageFault {
    for (long entry : l1) {
      if (TableEntry.hostOffset(entry) != 0) {
        countTable(L1Table.l2(file, rewrite.geometry(), entry), delta);
        refcounts.add(TableEntry.hostOffset(entry), 1, delta);
      }
    }
  }

  private void countTable(ByteBuffer l2, int delta) throws ImageFault {
    for (int at = 0; at < l2.capacity(); at += entryBytes) {
      countEntry(l2.getLong(at), delta);
    }
  }

  /** The same for what one L2 entry's descriptor leads to. */
  void countEntry(long descriptor, int delta) throws ImageFault {
    if (TableEntry.kind(descriptor) == TableEntry.Kind.COMPRESSED) {
      countCompressed(descriptor, delta);
    } else if (TableEntry.hostOffset(descriptor) != 0 && !external) {
      requireAligned(TableEntry.hostOffset(descriptor));
      refcounts.add(TableEntry.hostOffset(descriptor), 1, delta);
    }
  }

  private void requireAligned(long offset) throws ImageFault {
    if (!rewrite.geometry().aligned(offset)) {
      throw ImageFault.corrupt(offset, "a data cluster at offset " + offset + " is not aligned");
    }
  }

  /** "Compressed Clusters Descriptor": the width of the offset depends on the cluster size. */
  private void countCompressed(long entry, int delta) throws ImageFault {
    int bits = COMPRESSED_OFFSET_BITS - (clusterBits - SECTOR_BITS_LESS);
    long offset = entry & ((1L << bits) - 1);
    long more = (entry >>> bits) & ((1L << (clusterBits - SECTOR_BITS_LESS)) - 1);
    long end = (offset & -SECTOR) + (more + 1) * SECTOR;
    long first = offset >>> clusterBits;
    long last = (end - 1) >>> clusterBits;
    refcounts.add(first << clusterBits, last - first + 1, delta);
  }

  /**
   * Gives the flag COPIED to those entries under an active L1 table whose clusters have a refcount
   * of one now, and takes it from the others. Tables that change are written anew.
   *
   * @param users how many L1 tables are to use the result instead of {@code l1}
   */
  public long[] copiedFlags(long[] l1, int users) throws ImageFault {
    long[] result = l1.clone();
    for (int i = 0; i < l1.length; i++) {
      long offset = TableEntry.hostOffset(l1[i]);
      if (offset == 0) {
        continue;
      }
      ByteBuffer l2 = L1Table.l2(file, rewrite.geometry(), l1[i]);
      long count = refcounts.get(offset >>> clusterBits);
      if (flag(l2)) {
        // Other L1 tables that share the old one go on using it.
        refcounts.add(offset, 1, -users);
        offset = rewrite.place(l2);
        refcounts.add(offset, 1, users - 1);
        count = users;
      }
      result[i] = count == 1 ? TableEntry.toOwned(offset) : offset;
    }
    return result;
  }

  /**
   * Moves L2 tables that lie at {@code limit} or beyond, and are the active L1 table's alone, to
   * the first free clusters.
   *
   * @return the table to use
   */
  long[] pullBack(long[] l1, long limit) throws ImageFault {
    long[] result = l1.clone();
    for (int i = 0; i < l1.length; i++) {
      long offset = TableEntry.hostOffset(l1[i]);
      if (offset >= limit && TableEntry.copied(l1[i])) {
        ByteBuffer l2 = L1Table.l2(file, rewrite.geometry(), l1[i]);
        refcounts.add(offset, 1, -1);
        result[i] = TableEntry.toOwned(rewrite.place(l2));
      }
    }
    return result;
  }

  /** True if the table was changed. */
  private boolean flag(ByteBuffer l2) throws ImageFault {
    boolean changed = false;
    for (int at = 0; at < l2.capacity(); at += entryBytes) {
      long entry = l2.getLong(at);
      long offset = TableEntry.hostOffset(entry);
      if (TableEntry.kind(entry) == TableEntry.Kind.COMPRESSED || offset == 0) {
        continue;
      }
      boolean alone = refcounts.get(offset >>> clusterBits) == 1;
      if (alone != TableEntry.copied(entry)) {
        l2.putLong(at, entry ^ TableEntry.COPIED);
        changed = true;
      }
    }
    return changed;
  }
}

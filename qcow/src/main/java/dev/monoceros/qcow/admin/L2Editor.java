package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/**
 * Changes entries of the active L2 tables within a rewrite. One table at a time is in memory; a
 * table that changed is written anew and the old one given up.
 */
final class L2Editor {
  private static final int NONE = -1;

  private final ImageRewrite rewrite;
  private final Geometry geometry;
  private final long[] l1;
  private final int entryBytes;
  private final int entriesPerTable;
  private int open = NONE;
  private ByteBuffer table;
  private boolean changed;

  /**
   * @param l1 the active L1 table to be, which this changes
   */
  L2Editor(ImageRewrite rewrite, long[] l1) {
    this.rewrite = rewrite;
    this.geometry = rewrite.geometry();
    this.l1 = l1;
    this.entryBytes = References.l2EntryBytes(rewrite.header());
    this.entriesPerTable = geometry.clusterSize() / entryBytes;
  }

  boolean extended() {
    return entryBytes > TableEntry.BYTES;
  }

  /** Clusters of guest disk under one L1 entry. */
  int entriesPerTable() {
    return entriesPerTable;
  }

  /** Descriptor of the guest cluster of that number. */
  long descriptor(long cluster) throws ImageFault {
    return load(cluster).getLong(at(cluster));
  }

  /** The bitmap of subclusters of an extended entry; 0 of another. */
  long bitmap(long cluster) throws ImageFault {
    return extended() ? load(cluster).getLong(at(cluster) + TableEntry.BYTES) : 0;
  }

  void set(long cluster, long descriptor, long bitmap) throws ImageFault {
    ByteBuffer l2 = load(cluster);
    l2.putLong(at(cluster), descriptor);
    if (extended()) {
      l2.putLong(at(cluster) + TableEntry.BYTES, bitmap);
    }
    changed = true;
  }

  /** True if no table maps the guest cluster. */
  boolean unmapped(long cluster) {
    int index = (int) (cluster / entriesPerTable);
    return index != open && TableEntry.hostOffset(l1[index]) == 0;
  }

  private int at(long cluster) {
    return (int) (cluster % entriesPerTable) * entryBytes;
  }

  private ByteBuffer load(long cluster) throws ImageFault {
    int index = (int) (cluster / entriesPerTable);
    if (index != open) {
      store();
      table =
          TableEntry.hostOffset(l1[index]) == 0
              ? ByteBuffer.allocate(geometry.clusterSize())
              : L1Table.l2(rewrite.file(), geometry, l1[index]);
      open = index;
    }
    return table;
  }

  /** Writes the table in memory if it changed; call when all changes are made. */
  void store() throws ImageFault {
    if (changed) {
      long old = TableEntry.hostOffset(l1[open]);
      if (old != 0) {
        rewrite.refcounts().add(old, 1, -1);
      }
      l1[open] = TableEntry.toOwned(rewrite.place(table));
      changed = false;
    }
    open = NONE;
  }
}

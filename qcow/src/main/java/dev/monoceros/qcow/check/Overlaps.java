package dev.monoceros.qcow.check;

import dev.monoceros.qcow.bitmap.BitmapsExtension;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.snapshot.SnapshotFields;
import java.nio.ByteBuffer;
import java.util.List;

/** What metadata a repair would hit; nothing is mended at such a price. */
final class Overlaps {
  private static final int CHUNK_ENTRIES = 8192;

  private final Examination exam;
  private final List<SnapshotFields> snapshots;
  private final long snapshotTableBytes;
  private final StoredRefcounts stored;
  private TableVisits activeTables;

  /** The last cluster asked for: one table is mended entry by entry. */
  private long lastCluster = -1;

  private Ignore lastIgnore;
  private String lastAnswer;
  private TableVisits blocks;

  Overlaps(Examination exam, SnapshotTable table, StoredRefcounts stored) {
    this.exam = exam;
    this.snapshots = table.entries();
    this.snapshotTableBytes = table.bytes();
    this.stored = stored;
  }

  /** The table that is being written does not overlap itself. */
  enum Ignore {
    NOTHING,
    ACTIVE_L1,
    ACTIVE_L2
  }

  /** How QEMU announces an event after which it does not trust the image any more. */
  static String signal(String event, Fix fix) {
    return fix.any()
        ? "qcow2: Marking image as corrupt: "
            + event
            + "; further corruption events will be suppressed"
        : "qcow2: Image is corrupt: "
            + event
            + "; further non-fatal corruption events will be suppressed";
  }

  static String sentence(String name) {
    return signal("Preventing invalid write on metadata (overlaps with " + name + ")", Fix.ALL);
  }

  /**
   * Name of metadata in the clusters of a range, or null if there is none. The order is QEMU's, as
   * is leaving the L2 tables of snapshots out.
   */
  String with(long offset, long size, Ignore ignore) throws ImageFault {
    long cluster = exam.layout().geometry().clusterSize();
    long from = offset & -cluster;
    long to = exam.layout().geometry().roundUp(offset + size);
    if (to - from > cluster) {
      return find(from, to, ignore);
    }
    if (from != lastCluster || ignore != lastIgnore) {
      lastAnswer = find(from, to, ignore);
      lastCluster = from;
      lastIgnore = ignore;
    }
    return lastAnswer;
  }

  private String find(long from, long to, Ignore ignore) throws ImageFault {
    Layout layout = exam.layout();
    if (from == 0) {
      return "qcow2_header";
    }
    long l1Bytes = (long) layout.l1Entries() * TableEntry.BYTES;
    if (ignore != Ignore.ACTIVE_L1 && hits(from, to, layout.l1Offset(), l1Bytes)) {
      return "active L1 table";
    }
    long tableBytes = (long) layout.refcountTableClusters() << layout.geometry().clusterBits();
    if (hits(from, to, layout.refcountTableOffset(), tableBytes)) {
      return "refcount table";
    }
    if (hits(from, to, layout.snapshotsOffset(), snapshotTableBytes)) {
      return "snapshot table";
    }
    for (SnapshotFields snapshot : snapshots) {
      if (hits(from, to, snapshot.l1Offset(), snapshot.l1Entries() * TableEntry.BYTES)) {
        return "inactive L1 table";
      }
    }
    return withTables(from, to, ignore != Ignore.ACTIVE_L2);
  }

  private String withTables(long from, long to, boolean tables) throws ImageFault {
    index();
    int bits = exam.layout().geometry().clusterBits();
    for (long cluster = from >>> bits; cluster < to >>> bits; cluster++) {
      if (tables && activeTables.contains(cluster)) {
        return "active L2 table";
      }
      if (blocks.contains(cluster)) {
        return "refcount block";
      }
    }
    BitmapsExtension bitmaps = exam.layout().bitmaps();
    return hits(from, to, bitmaps.offset(), bitmaps.length()) ? "bitmap directory" : null;
  }

  private static boolean hits(long from, long to, long offset, long size) {
    return size > 0 && offset < to && offset > from - size;
  }

  /** Which clusters hold tables and blocks; gathered once. */
  private void index() throws ImageFault {
    if (activeTables != null) {
      return;
    }
    int bits = exam.layout().geometry().clusterBits();
    blocks = new TableVisits();
    for (int i = 0; i < stored.tableLength(); i++) {
      long block = stored.entry(i) & ~EntryBits.REFCOUNT_TABLE_RESERVED;
      // There is no block beyond the end of the file, whatever the entry says.
      if (block >= 0 && block < exam.file().size()) {
        addTo(blocks, block >>> bits);
      }
    }
    activeTables = new TableVisits();
    int entries = exam.layout().l1Entries();
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(entries, CHUNK_ENTRIES) * TableEntry.BYTES);
    for (int at = 0; at < entries; at += CHUNK_ENTRIES) {
      int count = Math.min(CHUNK_ENTRIES, entries - at);
      chunk.clear().limit(count * TableEntry.BYTES);
      exam.file().read(chunk, exam.layout().l1Offset() + (long) at * TableEntry.BYTES);
      for (int i = 0; i < count; i++) {
        addTo(activeTables, (chunk.getLong(i * TableEntry.BYTES) & EntryBits.OFFSET) >>> bits);
      }
    }
  }

  private static void addTo(TableVisits set, long cluster) {
    if (cluster != 0) {
      set.add(cluster);
    }
  }
}

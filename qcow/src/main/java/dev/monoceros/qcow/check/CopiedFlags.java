package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/**
 * Compares the "copied" flags of the active L1 table and its L2 tables with the stored refcounts:
 * "bit 63: 0 for a cluster that is unused or requires COW, 1 if its refcount is exactly one".
 */
final class CopiedFlags {
  private static final int CHUNK_ENTRIES = 8192;

  private final Examination exam;
  private final Layout layout;
  private final StoredRefcounts stored;
  private final Overlaps overlaps;
  private final boolean repair;
  private final TableVisits visits = new TableVisits();
  private final ByteBuffer table;

  /** Entries of faulty tables that may be looked at again, for the same findings again. */
  private long repeatBudget = 1L << 26;

  CopiedFlags(Examination exam, StoredRefcounts stored, Overlaps overlaps) {
    this.exam = exam;
    this.layout = exam.layout();
    this.stored = stored;
    this.overlaps = overlaps;
    this.table = ByteBuffer.allocate(layout.geometry().clusterSize());
    Tally tally = exam.tally();
    // Without leave to mend errors only if the refcounts are right now.
    this.repair =
        exam.fix().errors()
            || (exam.fix().leaks()
                && tally.checkErrors == 0
                && tally.corruptions == 0
                && tally.leaks == 0);
  }

  void check() throws ImageFault, CheckStopped {
    int entries = layout.l1Entries();
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(entries, CHUNK_ENTRIES) * TableEntry.BYTES);
    for (int at = 0; at < entries; at += CHUNK_ENTRIES) {
      long position = layout.l1Offset() + (long) at * TableEntry.BYTES;
      int count = Math.min(CHUNK_ENTRIES, entries - at);
      if (exam.hole(position, (long) count * TableEntry.BYTES)) {
        continue;
      }
      exam.file().read(chunk.clear().limit(count * TableEntry.BYTES), position);
      for (int i = 0; i < count; i++) {
        entry(at + i, chunk.getLong(i * TableEntry.BYTES));
      }
    }
    exam.file().barrier();
  }

  private void entry(int index, long entry) throws ImageFault, CheckStopped {
    long offset = entry & EntryBits.OFFSET;
    if (offset == 0 || !stored.readable(cluster(offset), exam)) {
      return;
    }
    long refcount = stored.get(cluster(offset));
    if (wrong(entry, refcount)) {
      exam.corruption(
          "%s OFLAG_COPIED L2 cluster: l1_index=%d l1_entry=%x refcount=%s"
              .formatted(verb(), index, entry, Long.toUnsignedString(refcount)));
      if (repair) {
        long at = layout.l1Offset() + (long) index * TableEntry.BYTES;
        requireFree(at, TableEntry.BYTES, Overlaps.Ignore.ACTIVE_L1, "");
        exam.file()
            .write(ByteBuffer.allocate(TableEntry.BYTES).putLong(0, mended(entry, refcount)), at);
        exam.tally().mended(1);
      }
    }
    boolean first = visits.add(offset);
    if (first || (visits.faulty(offset) && repeatBudget > 0 && !exam.messages().full())) {
      repeatBudget -= first ? 0 : layout.l2Entries();
      table(offset);
    }
  }

  private void table(long offset) throws ImageFault, CheckStopped {
    if (exam.hole(offset, table.capacity())) {
      return;
    }
    exam.file().read(table.clear(), offset);
    int wrong = 0;
    int from = table.capacity();
    int to = 0;
    for (int i = 0; i < layout.l2Entries(); i++) {
      int at = i * layout.l2EntryBytes();
      long entry = table.getLong(at);
      if (!standard(entry) || !known(entry)) {
        continue;
      }
      long refcount = layout.dataFile() ? 1 : stored.get(cluster(entry & EntryBits.OFFSET));
      if (wrong(entry, refcount)) {
        exam.corruption(
            "%s OFLAG_COPIED data cluster: l2_entry=%x refcount=%s"
                .formatted(verb(), entry, Long.toUnsignedString(refcount)));
        table.putLong(at, mended(entry, refcount));
        wrong++;
        from = Math.min(from, at);
        to = at + Long.BYTES;
      }
    }
    if (wrong == 0) {
      return;
    }
    if (!repair) {
      visits.markFaulty(offset);
      return;
    }
    requireFree(
        offset,
        layout.geometry().clusterSize(),
        Overlaps.Ignore.ACTIVE_L2,
        "ERROR: Could not write L2 table; metadata overlap check failed: " + CheckStopped.IO);
    exam.file().write(table.slice(from, to - from), offset + from);
    exam.tally().mended(wrong);
  }

  /** An uncompressed cluster, with data or kept for them. */
  private boolean standard(long entry) {
    if ((entry & EntryBits.COMPRESSED) != 0) {
      return false;
    }
    boolean zero = (entry & EntryBits.ZERO) != 0 && !layout.extendedL2();
    boolean copiedAtZero = layout.dataFile() && !zero && (entry & EntryBits.COPIED) != 0;
    return (entry & EntryBits.OFFSET) != 0 || copiedAtZero;
  }

  private boolean known(long entry) {
    return layout.dataFile() || stored.readable(cluster(entry & EntryBits.OFFSET), exam);
  }

  private long cluster(long offset) {
    return offset >>> layout.geometry().clusterBits();
  }

  private static boolean wrong(long entry, long refcount) {
    return (refcount == 1) != ((entry & EntryBits.COPIED) != 0);
  }

  private static long mended(long entry, long refcount) {
    return refcount == 1 ? entry | EntryBits.COPIED : entry & ~EntryBits.COPIED;
  }

  private String verb() {
    return repair ? "Repairing" : "ERROR";
  }

  private void requireFree(long offset, long size, Overlaps.Ignore ignore, String sentence)
      throws ImageFault, CheckStopped {
    String overlap = overlaps.with(offset, size, ignore);
    if (overlap != null) {
      exam.say(Overlaps.sentence(overlap));
      if (!sentence.isEmpty()) {
        exam.say(sentence);
      }
      exam.tally().checkErrors++;
      throw new CheckStopped(CheckStopped.IO);
    }
  }
}

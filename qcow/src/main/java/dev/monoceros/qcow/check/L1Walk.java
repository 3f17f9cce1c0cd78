package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Counts what L1 tables refer to: the active one's and those of the snapshots. */
final class L1Walk {
  private static final int CHUNK_ENTRIES = 8192;

  /** Of all snapshots together: 16 GiB of tables, more than any image in use has. */
  private static final long MAX_ENTRIES = 1L << 31;

  private final Examination exam;
  private final L2Walk l2;
  private final TableVisits visits = new TableVisits();
  private long walked;

  /** Entries of faulty tables that may be looked at again, for the same findings again. */
  private long repeatBudget = 1L << 26;

  L1Walk(Examination exam, Overlaps overlaps) {
    this.exam = exam;
    this.l2 = new L2Walk(exam, overlaps);
  }

  /**
   * @param entries bounded by the caller to what 32 MiB hold
   */
  void walk(long offset, int entries, boolean active) throws ImageFault, CheckStopped {
    if (entries == 0) {
      return;
    }
    walked += entries;
    if (walked > MAX_ENTRIES) {
      throw new CheckStopped(CheckStopped.TOO_LARGE);
    }
    exam.counted().add(offset, (long) entries * TableEntry.BYTES);
    if (offset < 0 || offset > References.MAX_OFFSET) {
      exam.say("ERROR: I/O error in check_refcounts_l1");
      exam.tally().checkErrors++;
      throw new CheckStopped(CheckStopped.IO);
    }
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(entries, CHUNK_ENTRIES) * TableEntry.BYTES);
    for (int at = 0; at < entries; at += CHUNK_ENTRIES) {
      long position = offset + (long) at * TableEntry.BYTES;
      int count = Math.min(CHUNK_ENTRIES, entries - at);
      if (exam.hole(position, (long) count * TableEntry.BYTES)) {
        continue;
      }
      exam.file().read(chunk.clear().limit(count * TableEntry.BYTES), position);
      for (int i = 0; i < count; i++) {
        entry(chunk.getLong(i * TableEntry.BYTES), active);
      }
    }
  }

  private void entry(long entry, boolean active) throws ImageFault, CheckStopped {
    if (entry == 0) {
      return;
    }
    if ((entry & EntryBits.L1_RESERVED) != 0) {
      exam.corruption("ERROR found L1 entry with reserved bits set: " + Long.toHexString(entry));
    }
    long table = entry & EntryBits.OFFSET;
    exam.counted().add(table, exam.layout().geometry().clusterSize());
    if (!exam.layout().geometry().aligned(table)) {
      exam.corruption(
          "ERROR l2_offset=%x: Table is not cluster aligned; L1 entry corrupted".formatted(table));
    }
    visit(table, active);
  }

  /** A table that was looked at and found good is not looked at again, only remembered. */
  private void visit(long table, boolean active) throws ImageFault, CheckStopped {
    // Offset 0 is no place for a table either, but it is looked at as one.
    long key = table | 1;
    boolean first = visits.add(key);
    if (!first && (!visits.faulty(key) || repeatBudget <= 0 || exam.messages().full())) {
      visits.repeat(key, active);
      return;
    }
    repeatBudget -= first ? 0 : exam.layout().l2Entries();
    long before = findings();
    l2.walk(table, active, 1);
    if (findings() != before) {
      visits.markFaulty(key);
    }
  }

  private long findings() {
    return exam.tally().corruptions + exam.tally().corruptionsFixed + exam.tally().checkErrors;
  }

  /** Counts what the repeated visits would have counted; call once, after the last table. */
  void finish() throws ImageFault, CheckStopped {
    for (int slot = 0; slot < visits.slots(); slot++) {
      long table = visits.key(slot) & ~1L;
      if (visits.activeRepeats(slot) > 0) {
        l2.walk(table, true, visits.activeRepeats(slot));
      }
      if (visits.otherRepeats(slot) > 0) {
        l2.walk(table, false, visits.otherRepeats(slot));
      }
    }
  }
}

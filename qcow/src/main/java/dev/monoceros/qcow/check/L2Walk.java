package dev.monoceros.qcow.check;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Counts what one L2 table refers to and looks at its entries, section "Cluster mapping". */
final class L2Walk {
  private final Examination exam;
  private final Layout layout;
  private final Overlaps overlaps;
  private final ByteBuffer table;

  L2Walk(Examination exam, Overlaps overlaps) {
    this.exam = exam;
    this.layout = exam.layout();
    this.overlaps = overlaps;
    this.table = ByteBuffer.allocate(layout.geometry().clusterSize());
  }

  /**
   * @param active reached through the active L1 table, not a snapshot's
   * @param times how often it is pointed at
   */
  void walk(long offset, boolean active, long times) throws ImageFault, CheckStopped {
    if (exam.hole(offset, table.capacity())) {
      return;
    }
    exam.file().read(table.clear(), offset);
    long nextContiguous = 0;
    for (int i = 0; i < layout.l2Entries(); i++) {
      long entry = table.getLong(i * layout.l2EntryBytes());
      long bitmap = bitmap(i);
      if (entry == 0 && bitmap == 0) {
        continue;
      }
      boolean compressed = (entry & EntryBits.COMPRESSED) != 0;
      if (!compressed && (entry & EntryBits.L2_RESERVED) != 0) {
        exam.corruption("ERROR found l2 entry with reserved bits set: " + Long.toHexString(entry));
      }
      if (compressed) {
        compressed(i, entry, bitmap, active, times);
      } else if (allocated(entry)) {
        if (!standard(i, offset, entry, bitmap, active)) {
          continue;
        }
        long host = entry & EntryBits.OFFSET;
        if (active) {
          exam.tally().allocated += times;
          exam.tally().fragmented += nextContiguous != 0 && host != nextContiguous ? times : 0;
          nextContiguous = host + layout.geometry().clusterSize();
        }
        if (!layout.dataFile()) {
          exam.counted().add(host, layout.geometry().clusterSize(), times);
        }
      } else if ((bitmap & EntryBits.SUBCLUSTERS_ALLOCATED) != 0) {
        exam.corruption("ERROR: Unallocated cluster has non-zero subcluster allocation map");
      }
    }
  }

  private long bitmap(int index) {
    return layout.extendedL2() ? table.getLong(index * layout.l2EntryBytes() + Long.BYTES) : 0;
  }

  /** With a data file offset 0 is a place like any other, and the flag says whether it is meant. */
  private boolean allocated(long entry) {
    if ((entry & EntryBits.OFFSET) != 0) {
      return true;
    }
    boolean zero = (entry & EntryBits.ZERO) != 0 && !layout.extendedL2();
    return !zero && layout.dataFile() && (entry & EntryBits.COPIED) != 0;
  }

  private void compressed(int index, long entry, long bitmap, boolean active, long times)
      throws CheckStopped {
    long offset = EntryBits.compressedOffset(entry, layout.geometry());
    long described = entry;
    if ((entry & EntryBits.COPIED) != 0) {
      exam.corruption(
          "ERROR: coffset=0x%x: copied flag must never be set for compressed clusters"
              .formatted(offset));
      described &= ~EntryBits.COPIED;
    }
    if (layout.dataFile()) {
      exam.corruption(
          "ERROR compressed cluster %d with data file, entry=0x%x".formatted(index, described));
      return;
    }
    if (bitmap != 0) {
      exam.corruption(
          "ERROR compressed cluster %d with non-zero subcluster allocation bitmap, entry=0x%x"
              .formatted(index, described));
      return;
    }
    exam.counted().add(offset, EntryBits.compressedBytes(entry, layout.geometry()), times);
    if (active) {
      // Neighbours share sectors, which are read again for each, so all of them count as such.
      exam.tally().allocated += times;
      exam.tally().compressed += times;
      exam.tally().fragmented += times;
    }
  }

  /** False if the entry was mended and refers to nothing any more. */
  private boolean standard(int index, long table, long entry, long bitmap, boolean active)
      throws ImageFault, CheckStopped {
    long host = entry & EntryBits.OFFSET;
    if ((bitmap >>> Integer.SIZE & bitmap) != 0) {
      exam.corruption(
          "ERROR offset=%x: Allocated cluster has corrupted subcluster allocation bitmap"
              .formatted(host));
    }
    if (layout.geometry().aligned(host)) {
      return true;
    }
    boolean data =
        layout.extendedL2()
            ? (bitmap & EntryBits.SUBCLUSTERS_ALLOCATED) != 0
            : (entry & EntryBits.ZERO) == 0;
    if (data) {
      exam.corruption(
          "ERROR offset=%x: Data cluster is not properly aligned; L2 entry corrupted."
              .formatted(host));
      return true;
    }
    exam.corruption(
        "%s offset=%x: Preallocated cluster is not properly aligned; L2 entry corrupted."
            .formatted(exam.fix().verb(), host));
    if (!exam.fix().errors()) {
      return true;
    }
    makeZero(index, table, bitmap, active);
    return false;
  }

  /** What reads as zero may lose its misplaced cluster; no data is lost. */
  private void makeZero(int index, long offset, long bitmap, boolean active)
      throws ImageFault, CheckStopped {
    int at = index * layout.l2EntryBytes();
    Overlaps.Ignore ignore = active ? Overlaps.Ignore.ACTIVE_L2 : Overlaps.Ignore.NOTHING;
    String overlap = overlaps.with(offset + at, layout.l2EntryBytes(), ignore);
    if (overlap != null) {
      exam.say(Overlaps.sentence(overlap));
      exam.say("ERROR: Overlap check failed");
      exam.tally().checkErrors++;
      throw new CheckStopped(CheckStopped.IO);
    }
    table.putLong(at, layout.extendedL2() ? 0 : EntryBits.ZERO);
    if (layout.extendedL2()) {
      table.putLong(at + Long.BYTES, (bitmap | bitmap << Integer.SIZE) >>> Integer.SIZE << 32);
    }
    exam.file().write(table.slice(at, layout.l2EntryBytes()), offset + at);
    exam.tally().mended(1);
  }
}

package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.snapshot.SnapshotFields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The snapshot table as a check reads it, section "Snapshots": what is too long is cut if it may be
 * mended, else it ends the check.
 *
 * @param bytes length of the table in the file
 */
record SnapshotTable(List<SnapshotFields> entries, long bytes) {
  /** VM state size and disk size: "version 3 images must contain" them. */
  static final int REQUIRED_EXTRA = 16;

  /** So far from 2^63 that no step through the table gets there. */
  private static final long MAX_OFFSET = Long.MAX_VALUE - (1L << 40);

  /**
   * Reads the table; a count that is cut is written to the header at once, because everything else
   * relies on it.
   *
   * @param tally of the snapshot table alone
   */
  static SnapshotTable read(
      OrderedFile file, Layout layout, Fix fix, Messages messages, Tally tally)
      throws ImageFault, CheckStopped {
    long count = layout.snapshots();
    long cut = 0;
    if (count > SnapshotFields.MAX_SNAPSHOTS && fix.errors()) {
      cut = count - SnapshotFields.MAX_SNAPSHOTS;
      messages.add("Discarding " + cut + " overhanging snapshots");
      count = SnapshotFields.MAX_SNAPSHOTS;
    }
    validate(layout, count, messages, tally);
    Reader reader = new Reader(file, layout, fix, messages, tally);
    reader.read((int) count);
    cut += reader.cut;
    if (cut > 0) {
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).putInt(0, reader.entries.size());
      file.write(bytes, HeaderField.NB_SNAPSHOTS);
      file.barrier();
      tally.corruptionsFixed += cut;
    }
    if (layout.version() >= 3) {
      reader.requireExtra();
    }
    return new SnapshotTable(List.copyOf(reader.entries), reader.at - layout.snapshotsOffset());
  }

  private static void validate(Layout layout, long count, Messages messages, Tally tally)
      throws CheckStopped {
    Geometry geometry = layout.geometry();
    long offset = layout.snapshotsOffset();
    String reason = null;
    if (count > SnapshotFields.MAX_SNAPSHOTS) {
      messages.add(Messages.TOOL + "ERROR snapshot table too large");
      messages.add(
          "You can force-remove all %d overhanging snapshots with qemu-img check -r all"
              .formatted(count - SnapshotFields.MAX_SNAPSHOTS));
      reason = CheckStopped.TOO_LARGE;
    } else if (offset < 0 || offset > MAX_OFFSET || !geometry.aligned(offset)) {
      messages.add(Messages.TOOL + "ERROR snapshot table offset invalid");
      reason = CheckStopped.INVALID;
    }
    if (reason != null) {
      tally.checkErrors++;
      throw new CheckStopped(reason);
    }
  }

  /** Id and name as the image has them, for a message. */
  static String describe(OrderedFile file, SnapshotFields entry) throws ImageFault {
    return text(file, entry.idOffset(), entry.idBytes())
        + " ("
        + text(file, entry.nameOffset(), entry.nameBytes())
        + ")";
  }

  private static String text(OrderedFile file, long offset, int length) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(bytes, offset);
    String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    int end = text.indexOf('\0');
    return (end < 0 ? text : text.substring(0, end)).replaceAll("\\p{Cntrl}", "?");
  }

  /** One pass over the table. */
  private static final class Reader {
    private final OrderedFile file;
    private final Layout layout;
    private final Fix fix;
    private final Messages messages;
    private final Tally tally;
    private final List<SnapshotFields> entries = new ArrayList<>();
    private long at;
    private long cut;

    Reader(OrderedFile file, Layout layout, Fix fix, Messages messages, Tally tally) {
      this.file = file;
      this.layout = layout;
      this.fix = fix;
      this.messages = messages;
      this.tally = tally;
      this.at = layout.snapshotsOffset();
    }

    void read(int count) throws ImageFault, CheckStopped {
      long kept = 0;
      for (int i = 0; i < count; i++) {
        SnapshotFields entry = SnapshotFields.read(file, SnapshotFields.aligned(at));
        requireExtraInLimit(i, entry);
        kept = SnapshotFields.aligned(kept) + SnapshotFields.BYTES + entry.keptExtra();
        kept += entry.idBytes() + entry.nameBytes();
        long length = entry.end() - layout.snapshotsOffset();
        if (kept > SnapshotFields.MAX_TABLE_BYTES || length > Integer.MAX_VALUE) {
          overhang(count - i);
          return;
        }
        at = entry.end();
        entries.add(entry);
      }
    }

    private void requireExtraInLimit(int index, SnapshotFields entry) throws CheckStopped {
      if (!entry.tooMuchExtra()) {
        return;
      }
      if (!fix.errors()) {
        throw stop(
            "Too much extra metadata in snapshot table entry " + index,
            "You can force-remove this extra metadata with qemu-img check -r all");
      }
      messages.add(
          "Discarding too much extra metadata in snapshot table entry %d (%d > %d)"
              .formatted(index, entry.extraBytes(), SnapshotFields.MAX_EXTRA));
      tally.corruptions++;
    }

    private void overhang(int count) throws CheckStopped {
      if (!fix.errors()) {
        throw stop(
            "Snapshot table is too big",
            "You can force-remove all %d overhanging snapshots with qemu-img check -r all"
                .formatted(count));
      }
      messages.add("Discarding " + count + " overhanging snapshots (snapshot table is too big)");
      cut = count;
    }

    private CheckStopped stop(String sentence, String hint) {
      messages.add(Messages.TOOL + "ERROR failed to read the snapshot table: " + sentence);
      messages.add(hint);
      tally.checkErrors++;
      return new CheckStopped(CheckStopped.TOO_LARGE);
    }

    void requireExtra() {
      for (int i = 0; i < entries.size(); i++) {
        if (entries.get(i).keptExtra() < REQUIRED_EXTRA) {
          tally.corruptions++;
          messages.add(fix.verb() + " snapshot table entry " + i + " is incomplete");
        }
      }
    }
  }
}

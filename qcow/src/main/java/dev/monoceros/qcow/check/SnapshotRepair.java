package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.snapshot.SnapshotFields;
import java.nio.ByteBuffer;

/**
 * Writes the snapshot table anew, with extra data as long as the format wants it. The refcounts
 * have been mended before. Order: refcounts, flush, table, flush, header, flush, the old table's
 * refcounts.
 */
final class SnapshotRepair {
  private static final int VM_STATE_SIZE = 0;
  private static final int DISK_SIZE = 8;
  private static final int INSTRUCTION_COUNT = 16;

  /** VM state size, disk size and instruction count. */
  private static final int EXTRA = 24;

  private static final long NO_INSTRUCTION_COUNT = -1;

  private final Examination exam;
  private final SnapshotTable table;
  private final StoredRefcounts stored;

  private SnapshotRepair(Examination exam, SnapshotTable table) throws ImageFault {
    this.exam = exam;
    this.table = table;
    this.stored = new StoredRefcounts(exam.file(), exam.layout());
  }

  /**
   * @param tally of the snapshot table, whose findings are mended by this
   */
  static Examination run(Examination exam, SnapshotTable table, Tally tally)
      throws ImageFault, CheckStopped {
    new SnapshotRepair(exam, table).rewrite();
    tally.mended(tally.corruptions);
    return exam;
  }

  private void rewrite() throws ImageFault, CheckStopped {
    Geometry geometry = exam.layout().geometry();
    ByteBuffer bytes = encode();
    int count = (int) geometry.clustersFor(bytes.limit());
    long first = count == 0 ? 0 : allocate(count);
    exam.file().write(bytes, first << geometry.clusterBits());
    exam.file().barrier();
    ByteBuffer fields = ByteBuffer.allocate(Integer.BYTES + Long.BYTES);
    fields.putInt(table.entries().size()).putLong(first << geometry.clusterBits());
    exam.file().write(fields.flip(), HeaderField.NB_SNAPSHOTS);
    exam.file().barrier();
    long old = exam.layout().snapshotsOffset() >>> geometry.clusterBits();
    for (int i = 0; i < geometry.clustersFor(table.bytes()); i++) {
      stored.set(old + i, stored.get(old + i) - 1);
    }
    stored.flush();
  }

  /** Free clusters in a row that refcount blocks cover, counted on disk when it returns. */
  private long allocate(int count) throws ImageFault, CheckStopped {
    long cluster = 0;
    long run = 0;
    long perBlock = exam.layout().geometry().refcountsPerBlock();
    long end = stored.tableLength() * perBlock;
    while (run < count) {
      if (cluster >= end) {
        exam.say("ERROR failed to update snapshot table: No space left on device");
        exam.tally().checkErrors++;
        throw new CheckStopped("No space left on device");
      }
      boolean free = stored.blockOf(cluster) != 0 && stored.get(cluster) == 0;
      run = free ? run + 1 : 0;
      cluster++;
    }
    for (long i = cluster - count; i < cluster; i++) {
      stored.set(i, 1);
      exam.counted().counts().growTo(i + 1);
      exam.counted().counts().set(i, 1);
    }
    exam.tally().highest = Math.max(exam.tally().highest, cluster - 1);
    stored.flush();
    return cluster - count;
  }

  private ByteBuffer encode() throws ImageFault {
    int length = 0;
    for (SnapshotFields entry : table.entries()) {
      length = (int) SnapshotFields.aligned(length) + entryBytes(entry);
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    int at = 0;
    for (SnapshotFields entry : table.entries()) {
      at = (int) SnapshotFields.aligned(at);
      put(entry, bytes, at);
      at += entryBytes(entry);
    }
    return bytes;
  }

  private static int extra(SnapshotFields entry) {
    return Math.max(EXTRA, entry.keptExtra());
  }

  private static int entryBytes(SnapshotFields entry) {
    return SnapshotFields.BYTES + extra(entry) + entry.idBytes() + entry.nameBytes();
  }

  private void put(SnapshotFields entry, ByteBuffer bytes, int at) throws ImageFault {
    int extraAt = at + SnapshotFields.BYTES;
    int known = SnapshotFields.BYTES + entry.keptExtra();
    exam.file().read(bytes.slice(at, known), entry.offset());
    if (entry.keptExtra() < VM_STATE_SIZE + Long.BYTES) {
      long size = Integer.toUnsignedLong(bytes.getInt(at + SnapshotFields.VM_STATE_SIZE));
      bytes.putLong(extraAt + VM_STATE_SIZE, size);
    }
    if (entry.keptExtra() < DISK_SIZE + Long.BYTES) {
      bytes.putLong(extraAt + DISK_SIZE, exam.layout().size());
    }
    if (entry.keptExtra() < INSTRUCTION_COUNT + Long.BYTES) {
      bytes.putLong(extraAt + INSTRUCTION_COUNT, NO_INSTRUCTION_COUNT);
    }
    bytes.putInt(at + SnapshotFields.EXTRA_SIZE, extra(entry));
    int texts = entry.idBytes() + entry.nameBytes();
    exam.file().read(bytes.slice(extraAt + extra(entry), texts), entry.idOffset());
  }
}

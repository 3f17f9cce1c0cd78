package dev.monoceros.qcow;

import dev.monoceros.qcow.snapshot.SnapshotEntry;
import java.util.List;

/** The snapshots of a QCOW2 image. */
record Qcow2Snapshots(Qcow2Image image) implements Snapshots {
  @Override
  public List<Snapshot> list() throws ImageException {
    return image.locked(
        Operation.SNAPSHOT,
        () ->
            image.snapshotTable().entries().stream()
                .map(entry -> describe(entry, image.size()))
                .toList());
  }

  @Override
  public Snapshot create(String name, long seconds, int nanoseconds) throws ImageException {
    SnapshotEntry[] taken = new SnapshotEntry[1];
    image.changing(
        Operation.SNAPSHOT,
        () -> image.editSnapshots(editor -> taken[0] = editor.create(name, seconds, nanoseconds)));
    return describe(taken[0], image.size());
  }

  @Override
  public void apply(String idOrName) throws ImageException {
    image.changing(Operation.SNAPSHOT, () -> image.editSnapshots(editor -> editor.apply(idOrName)));
  }

  @Override
  public void delete(String idOrName) throws ImageException {
    image.changing(
        Operation.SNAPSHOT, () -> image.editSnapshots(editor -> editor.delete(idOrName)));
  }

  /**
   * @param currentSize of the disk, for entries that do not say theirs
   */
  static Snapshot describe(SnapshotEntry entry, long currentSize) {
    return new Snapshot(
        entry.idText(),
        entry.nameText(),
        entry.fullVmStateSize(),
        entry.seconds(),
        (int) entry.nanoseconds(),
        entry.vmClockNanos(),
        entry.instructionCount(),
        entry.diskSize(currentSize));
  }
}

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
                .map(entry -> entry.toSnapshot(image.size()))
                .toList());
  }

  @Override
  public Snapshot create(String name, long seconds, int nanoseconds) throws ImageException {
    SnapshotEntry[] taken = new SnapshotEntry[1];
    image.changing(
        Operation.SNAPSHOT,
        () -> image.editSnapshots(editor -> taken[0] = editor.create(name, seconds, nanoseconds)));
    return taken[0].toSnapshot(image.size());
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
}

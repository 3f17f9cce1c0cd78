package dev.monoceros.qcow.snapshot;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** One snapshot, seen as if it were the disk. */
public final class SnapshotView {
  private SnapshotView() {}

  /**
   * The header that leads to a snapshot's clusters. For reading only.
   *
   * @throws ImageFault NOT_FOUND, or CORRUPT if its L1 table cannot be where the entry says
   */
  public static Header of(OrderedFile file, Header header, String idOrName) throws ImageFault {
    SnapshotEntry entry =
        SnapshotTable.read(file, header)
            .find(idOrName)
            .orElseThrow(
                () ->
                    new ImageFault(
                        ErrorKind.NOT_FOUND,
                        ImageFault.NO_OFFSET,
                        "Failed to load snapshot: Can't find snapshot"));
    long size = entry.diskSize(header.size());
    Geometry geometry = header.geometry();
    long bytes = entry.l1Entries() * TableEntry.BYTES;
    long offset = entry.l1Offset();
    if (size < 0
        || geometry.l1EntriesFor(size) > entry.l1Entries()
        || bytes > Limits.L1_BYTES
        || offset < 0
        || !geometry.aligned(offset)
        || (bytes > 0 && (offset == 0 || bytes > geometry.roundUp(file.size()) - offset))) {
      throw ImageFault.corrupt(
          header.snapshotsOffset(), "Failed to load snapshot: its L1 table cannot be right");
    }
    return header.withActive(size, offset, (int) entry.l1Entries());
  }
}

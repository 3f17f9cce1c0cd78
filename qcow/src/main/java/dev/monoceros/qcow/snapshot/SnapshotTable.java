package dev.monoceros.qcow.snapshot;

import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The snapshot table, section "Snapshots".
 *
 * @param entries in the image's order
 * @param length in bytes, as the file holds it
 */
public record SnapshotTable(List<SnapshotEntry> entries, long length) {
  public SnapshotTable {
    entries = List.copyOf(entries);
  }

  /**
   * Reads the table.
   *
   * @throws ImageFault CORRUPT if it does not fit the file or QEMU's limits
   */
  public static SnapshotTable read(OrderedFile file, Header header) throws ImageFault {
    long count = Integer.toUnsignedLong(header.snapshots());
    if (count > SnapshotFields.MAX_SNAPSHOTS) {
      throw ImageFault.corrupt(header.snapshotsOffset(), "Snapshot table is too big");
    }
    List<SnapshotEntry> entries = new ArrayList<>();
    long start = header.snapshotsOffset();
    long at = start;
    for (int i = 0; i < count; i++) {
      SnapshotEntry entry = entry(file, at, i);
      entries.add(entry);
      at += entry.length();
      if (at - start > SnapshotFields.MAX_TABLE_BYTES) {
        throw ImageFault.corrupt(start, "Snapshot table is too big");
      }
    }
    return new SnapshotTable(entries, at - start);
  }

  private static SnapshotEntry entry(OrderedFile file, long at, int index) throws ImageFault {
    requireInFile(file, at, SnapshotFields.BYTES);
    SnapshotFields fields = SnapshotFields.read(file, at);
    if (fields.tooMuchExtra()) {
      throw ImageFault.corrupt(at, "Too much extra metadata in snapshot table entry " + index);
    }
    long start = fields.extraOffset();
    int length = (int) (fields.end() - start);
    requireInFile(file, start, length);
    ByteBuffer rest = ByteBuffer.allocate(length);
    file.read(rest, start);
    return new SnapshotEntry(
        fields.l1Offset(),
        fields.l1Entries(),
        part(rest, fields.idOffset() - start, fields.idBytes()),
        part(rest, fields.nameOffset() - start, fields.nameBytes()),
        fields.seconds(),
        fields.nanoseconds(),
        fields.vmClockNanos(),
        fields.vmStateSize(),
        part(rest, 0, fields.keptExtra()));
  }

  private static void requireInFile(OrderedFile file, long at, int length) throws ImageFault {
    if (at > file.size() - length) {
      throw ImageFault.corrupt(at, "Failed to read snapshot table");
    }
  }

  private static byte[] part(ByteBuffer bytes, long from, int length) {
    byte[] part = new byte[length];
    bytes.get((int) from, part);
    return part;
  }

  /** The bytes of a table of these entries. */
  static ByteBuffer encode(List<SnapshotEntry> entries) throws ImageFault {
    long length = 0;
    for (SnapshotEntry entry : entries) {
      length += entry.length();
    }
    if (entries.size() > SnapshotFields.MAX_SNAPSHOTS || length > SnapshotFields.MAX_TABLE_BYTES) {
      throw new ImageFault(ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "Snapshot table is too big");
    }
    ByteBuffer out = ByteBuffer.allocate((int) length);
    entries.forEach(entry -> entry.put(out));
    return out.flip();
  }

  /** The entry with that id or, if there is none, the first with that name. */
  public Optional<SnapshotEntry> find(String idOrName) {
    return entries.stream()
        .filter(e -> e.idText().equals(idOrName))
        .findFirst()
        .or(() -> entries.stream().filter(e -> e.nameText().equals(idOrName)).findFirst());
  }

  /** The same, or the fault that there is none. */
  public SnapshotEntry require(String idOrName) throws ImageFault {
    Optional<SnapshotEntry> found = find(idOrName);
    if (found.isEmpty()) {
      throw new ImageFault(ErrorKind.NOT_FOUND, ImageFault.NO_OFFSET, "Can't find the snapshot");
    }
    return found.get();
  }

  /** One more than the largest number among the ids, as QEMU counts. */
  String nextId() {
    long largest = 0;
    for (SnapshotEntry entry : entries) {
      largest = Math.max(largest, leadingNumber(entry.idText()));
    }
    return Long.toString(largest + 1);
  }

  /** As strtoul: the digits at the start. */
  private static long leadingNumber(String id) {
    long number = 0;
    for (int i = 0; i < id.length() && Character.digit(id.charAt(i), 10) >= 0; i++) {
      if (number > Long.MAX_VALUE / 100) {
        return number;
      }
      number = number * 10 + Character.digit(id.charAt(i), 10);
    }
    return number;
  }
}

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
  /** QEMU's limit on the number of snapshots. */
  public static final int MAX_SNAPSHOTS = 65536;

  private static final long MAX_BYTES = 1024L * MAX_SNAPSHOTS;
  private static final int MAX_EXTRA = 1024;
  private static final int ALIGNMENT = 8;

  private static final int L1_SIZE = 8;
  private static final int ID_LENGTH = 12;
  private static final int NAME_LENGTH = 14;
  private static final int SECONDS = 16;
  private static final int NANOSECONDS = 20;
  private static final int VM_CLOCK = 24;
  private static final int VM_STATE_SIZE = 32;
  private static final int EXTRA_LENGTH = 36;

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
    if (count > MAX_SNAPSHOTS) {
      throw ImageFault.corrupt(header.snapshotsOffset(), "Snapshot table is too big");
    }
    List<SnapshotEntry> entries = new ArrayList<>();
    long start = header.snapshotsOffset();
    long at = start;
    for (int i = 0; i < count; i++) {
      SnapshotEntry entry = entry(file, at, i);
      entries.add(entry);
      at += entry.length();
      if (at - start > MAX_BYTES) {
        throw ImageFault.corrupt(start, "Snapshot table is too big");
      }
    }
    return new SnapshotTable(entries, at - start);
  }

  private static SnapshotEntry entry(OrderedFile file, long at, int index) throws ImageFault {
    ByteBuffer fixed = bytes(file, at, SnapshotEntry.FIXED);
    long extra = Integer.toUnsignedLong(fixed.getInt(EXTRA_LENGTH));
    if (extra > MAX_EXTRA) {
      throw ImageFault.corrupt(at, "Too much extra metadata in snapshot table entry " + index);
    }
    int id = Short.toUnsignedInt(fixed.getShort(ID_LENGTH));
    int name = Short.toUnsignedInt(fixed.getShort(NAME_LENGTH));
    ByteBuffer rest = bytes(file, at + SnapshotEntry.FIXED, (int) extra + id + name);
    return new SnapshotEntry(
        fixed.getLong(0),
        Integer.toUnsignedLong(fixed.getInt(L1_SIZE)),
        part(rest, (int) extra, id),
        part(rest, (int) extra + id, name),
        Integer.toUnsignedLong(fixed.getInt(SECONDS)),
        Integer.toUnsignedLong(fixed.getInt(NANOSECONDS)),
        fixed.getLong(VM_CLOCK),
        Integer.toUnsignedLong(fixed.getInt(VM_STATE_SIZE)),
        part(rest, 0, (int) extra));
  }

  private static ByteBuffer bytes(OrderedFile file, long at, int length) throws ImageFault {
    if (at > file.size() - length) {
      throw ImageFault.corrupt(at, "Failed to read snapshot table");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(bytes, at);
    return bytes.flip();
  }

  private static byte[] part(ByteBuffer bytes, int from, int length) {
    byte[] part = new byte[length];
    bytes.get(from, part);
    return part;
  }

  /** The bytes of a table of these entries. */
  static ByteBuffer encode(List<SnapshotEntry> entries) throws ImageFault {
    long length = 0;
    for (SnapshotEntry entry : entries) {
      length = (length + ALIGNMENT - 1 & -ALIGNMENT) + entry.length();
    }
    if (entries.size() > MAX_SNAPSHOTS || length > MAX_BYTES) {
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

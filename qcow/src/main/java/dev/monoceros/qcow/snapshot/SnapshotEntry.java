package dev.monoceros.qcow.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An entry of the snapshot table, section "Snapshots". Text and extra data are kept byte for byte.
 * Compared by nobody.
 *
 * @param vmStateSize the 32-bit field
 * @param extra "extra data": 64-bit size of the machine state, size of the disk, instruction count,
 *     and what a later version may add
 */
@SuppressWarnings("ArrayRecordComponent")
public record SnapshotEntry(
    long l1Offset,
    long l1Entries,
    byte[] id,
    byte[] name,
    long seconds,
    long nanoseconds,
    long vmClockNanos,
    long vmStateSize,
    byte[] extra) {
  /** Extra data of which every byte is known: three 64-bit numbers. */
  static final int KNOWN_EXTRA = 24;

  private static final int DISK_SIZE = 8;
  private static final int INSTRUCTIONS = 16;

  /** One that is being taken, without machine state; qemu-img counts 0 instructions, too. */
  static SnapshotEntry of(
      long l1Offset, long l1Entries, String id, String name, long seconds, int nanos, long size) {
    ByteBuffer extra = ByteBuffer.allocate(KNOWN_EXTRA);
    extra.putLong(DISK_SIZE, size);
    return new SnapshotEntry(
        l1Offset, l1Entries, utf8(id), utf8(name), seconds, nanos, 0, 0, extra.array());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public String idText() {
    return new String(id, StandardCharsets.UTF_8);
  }

  public String nameText() {
    return new String(name, StandardCharsets.UTF_8);
  }

  /** "Size of the VM state in bytes", from the extra data if that has it. */
  public long fullVmStateSize() {
    return extra.length >= Long.BYTES ? ByteBuffer.wrap(extra).getLong(0) : vmStateSize;
  }

  /**
   * Size of the disk when it was taken.
   *
   * @param current for an entry that does not say
   */
  public long diskSize(long current) {
    return extra.length >= INSTRUCTIONS ? ByteBuffer.wrap(extra).getLong(DISK_SIZE) : current;
  }

  /** The same with at least the extra data that version 3 demands. */
  public SnapshotEntry withKnownExtra(long currentSize) {
    if (extra.length >= KNOWN_EXTRA) {
      return this;
    }
    ByteBuffer full = ByteBuffer.allocate(KNOWN_EXTRA);
    full.putLong(0, fullVmStateSize());
    full.putLong(DISK_SIZE, diskSize(currentSize)).putLong(INSTRUCTIONS, -1);
    return new SnapshotEntry(
        l1Offset,
        l1Entries,
        id,
        name,
        seconds,
        nanoseconds,
        vmClockNanos,
        vmStateSize,
        full.array());
  }

  /** The same with its L1 table elsewhere. */
  public SnapshotEntry withL1(long offset, long entries) {
    return new SnapshotEntry(
        offset, entries, id, name, seconds, nanoseconds, vmClockNanos, vmStateSize, extra);
  }

  /** Instructions that the guest had executed, or -1 if that was not recorded. */
  public long instructionCount() {
    return extra.length >= KNOWN_EXTRA ? ByteBuffer.wrap(extra).getLong(INSTRUCTIONS) : -1;
  }

  /** Bytes in the table, padding included. */
  long length() {
    return SnapshotFields.aligned(
        (long) SnapshotFields.BYTES + extra.length + id.length + name.length);
  }

  void put(ByteBuffer out) {
    int next = out.position() + (int) length();
    out.putLong(l1Offset).putInt((int) l1Entries);
    out.putShort((short) id.length).putShort((short) name.length);
    out.putInt((int) seconds).putInt((int) nanoseconds).putLong(vmClockNanos);
    out.putInt((int) vmStateSize).putInt(extra.length);
    out.put(extra).put(id).put(name).position(next);
  }

  @Override
  public String toString() {
    return idText() + " " + nameText() + " " + Arrays.toString(extra);
  }
}

package dev.monoceros.qcow.snapshot;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * The fields of fixed size of an entry of the snapshot table, section "Snapshots", as the image has
 * them, and where what follows them is. Nothing is judged here: a check goes on where everybody
 * else refuses.
 *
 * @param offset of the entry in the file
 * @param l1Offset any 64 bits
 * @param l1Entries unsigned 32 bits
 * @param idBytes length of the id, which follows the extra data
 * @param nameBytes length of the name, which follows the id
 * @param vmStateSize the 32-bit field
 * @param extraBytes length of the extra data, unsigned 32 bits
 */
public record SnapshotFields(
    long offset,
    long l1Offset,
    long l1Entries,
    int idBytes,
    int nameBytes,
    long seconds,
    long nanoseconds,
    long vmClockNanos,
    long vmStateSize,
    long extraBytes) {
  /** How many bytes they are. */
  public static final int BYTES = 40;

  /** Where an entry has the size of its extra data. */
  public static final int EXTRA_SIZE = 36;

  /** Where an entry has the 32-bit field of the size of the machine state. */
  public static final int VM_STATE_SIZE = 32;

  /** Entries begin at multiples of this. */
  public static final int ALIGNMENT = 8;

  /** QEMU's limit on the number of snapshots. */
  public static final int MAX_SNAPSHOTS = 65536;

  /** QEMU's limit on the bytes of the table. */
  public static final long MAX_TABLE_BYTES = 1024L * MAX_SNAPSHOTS;

  /** QEMU's limit on the bytes of extra data. */
  public static final int MAX_EXTRA = 1024;

  private static final int L1_SIZE = 8;
  private static final int ID_SIZE = 12;
  private static final int NAME_SIZE = 14;
  private static final int SECONDS = 16;
  private static final int NANOSECONDS = 20;
  private static final int VM_CLOCK = 24;

  /** Reads them; beyond the end of the file they are zero. */
  public static SnapshotFields read(OrderedFile file, long offset) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    file.read(bytes, offset);
    return new SnapshotFields(
        offset,
        bytes.getLong(0),
        Integer.toUnsignedLong(bytes.getInt(L1_SIZE)),
        Short.toUnsignedInt(bytes.getShort(ID_SIZE)),
        Short.toUnsignedInt(bytes.getShort(NAME_SIZE)),
        Integer.toUnsignedLong(bytes.getInt(SECONDS)),
        Integer.toUnsignedLong(bytes.getInt(NANOSECONDS)),
        bytes.getLong(VM_CLOCK),
        Integer.toUnsignedLong(bytes.getInt(VM_STATE_SIZE)),
        Integer.toUnsignedLong(bytes.getInt(EXTRA_SIZE)));
  }

  /** The next place where an entry may begin. */
  public static long aligned(long offset) {
    return offset + ALIGNMENT - 1 & -ALIGNMENT;
  }

  public boolean tooMuchExtra() {
    return extraBytes > MAX_EXTRA;
  }

  /** Bytes of extra data within QEMU's limit. */
  public int keptExtra() {
    return (int) Math.min(extraBytes, MAX_EXTRA);
  }

  public long extraOffset() {
    return offset + BYTES;
  }

  public long idOffset() {
    return extraOffset() + extraBytes;
  }

  public long nameOffset() {
    return idOffset() + idBytes;
  }

  /** Where the entry ends, without padding. */
  public long end() {
    return nameOffset() + nameBytes;
  }
}

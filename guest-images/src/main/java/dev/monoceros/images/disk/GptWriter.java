package dev.monoceros.images.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

/** GUID partition table (UEFI 2.10, 5.3): header and entries at both ends of the disk. */
final class GptWriter {
  static final int ENTRIES = 128;
  static final int ENTRY_BYTES = 128;
  static final long TABLE_SECTORS = (long) ENTRIES * ENTRY_BYTES / MbrWriter.SECTOR_BYTES;
  private static final byte[] SIGNATURE = "EFI PART".getBytes(StandardCharsets.US_ASCII);
  private static final int REVISION_1_0 = 0x0001_0000;
  private static final int HEADER_BYTES = 92;
  private static final int HEADER_CRC_OFFSET = 16;
  private static final int NAME_OFFSET = 56;
  private static final int NAME_CHARS = 36;

  /** Type of a Linux file system partition, as sfdisk and systemd know it. */
  private static final UUID LINUX_FILESYSTEM =
      UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");

  private final UUID diskId;
  private final long diskSectors;

  GptWriter(UUID diskId, long diskSectors) {
    this.diskId = diskId;
    this.diskSectors = diskSectors;
  }

  /** 5.3.3: the array of entries, the same at both ends. */
  ByteBuffer entries(List<Extent> partitions, List<String> names) {
    if (partitions.size() > ENTRIES) {
      throw new IllegalArgumentException("a GPT holds at most 128 partitions here");
    }
    ByteBuffer table = ByteBuffer.allocate(ENTRIES * ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < partitions.size(); i++) {
      int at = i * ENTRY_BYTES;
      table.put(at, guid(LINUX_FILESYSTEM));
      table.put(at + 16, guid(partitionId(i)));
      table.putLong(at + 32, partitions.get(i).firstSector());
      table.putLong(at + 40, partitions.get(i).lastSector());
      byte[] name = names.get(i).getBytes(StandardCharsets.UTF_16LE);
      if (name.length > NAME_CHARS * 2) {
        throw new IllegalArgumentException(
            "partition name longer than 36 characters: " + names.get(i));
      }
      table.put(at + NAME_OFFSET, name);
    }
    return table;
  }

  /** Ids of partitions follow the disk's own: its value plus 1, 2, ... */
  UUID partitionId(int index) {
    return new UUID(diskId.getMostSignificantBits(), diskId.getLeastSignificantBits() + 1 + index);
  }

  /** 5.3.2: one of the two headers. */
  ByteBuffer header(boolean primary, ByteBuffer entries) {
    long last = diskSectors - 1;
    ByteBuffer header = ByteBuffer.allocate(MbrWriter.SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(SIGNATURE).putInt(REVISION_1_0).putInt(HEADER_BYTES).putInt(0).putInt(0);
    header.putLong(primary ? 1 : last).putLong(primary ? last : 1);
    header.putLong(firstUsable()).putLong(lastUsable());
    header.put(guid(diskId));
    header.putLong(primary ? 2 : last - TABLE_SECTORS);
    header.putInt(ENTRIES).putInt(ENTRY_BYTES).putInt(crc32(entries, entries.capacity()));
    header.rewind();
    header.putInt(HEADER_CRC_OFFSET, crc32(header, HEADER_BYTES));
    return header;
  }

  static long firstUsable() {
    return 2 + TABLE_SECTORS;
  }

  long lastUsable() {
    return diskSectors - 1 - TABLE_SECTORS - 1;
  }

  private static int crc32(ByteBuffer bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes.slice(0, length));
    return (int) crc.getValue();
  }

  /** Appendix A: the first three fields are little-endian, the rest is a byte string. */
  private static byte[] guid(UUID id) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    long high = id.getMostSignificantBits();
    bytes.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
    bytes.order(ByteOrder.BIG_ENDIAN).putLong(id.getLeastSignificantBits());
    return bytes.array();
  }
}

package dev.monoceros.cli.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/** GUID partition table (UEFI 2.10, 5.3). The backup at the end counts when the first is broken. */
final class Gpt {
  private static final String MAGIC = "EFI PART";
  private static final int HEADER_SIZE = 12;
  private static final int HEADER_CRC = 16;
  private static final int MY_LBA = 24;
  private static final int ENTRIES_LBA = 72;
  private static final int ENTRY_COUNT = 80;
  private static final int ENTRY_SIZE = 84;
  private static final int ENTRIES_CRC = 88;
  private static final int LEAST_HEADER = 92;

  private static final int ENTRY_FIRST_LBA = 32;
  private static final int ENTRY_LAST_LBA = 40;
  private static final int LEAST_ENTRY = 128;

  /** The kernel's own limit is near; 16 KiB is usual. */
  private static final long LARGEST_TABLE = 1 << 20;

  /** Types by their first eight bytes as stored (mixed endianness) and the last eight. */
  private record TypeGuid(long low, long high) {}

  private static final TypeGuid EMPTY = new TypeGuid(0, 0);

  /** 0FC63DAF-8483-4772-8E79-3D69D8477DE4: Linux filesystem data. */
  private static final TypeGuid LINUX_DATA =
      new TypeGuid(0x4772_8483_0fc6_3dafL, 0xe47d_47d8_693d_798eL);

  /** 4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709: root of x86-64 (discoverable partitions). */
  private static final TypeGuid LINUX_ROOT =
      new TypeGuid(0x4db1_e8cd_4f68_bce3L, 0x09b7_84f9_cafb_e796L);

  private static final Set<TypeGuid> LINUX = Set.of(LINUX_DATA, LINUX_ROOT);

  private Gpt() {}

  static List<Partition> read(DiskReader disk) throws IOException {
    long last = disk.size() / PartitionTable.SECTOR - 1;
    Optional<List<Partition>> first = readAt(disk, 1);
    return first.isPresent() ? first.get() : readAt(disk, last).orElse(List.of());
  }

  /** Empty unless header and entries are whole. */
  private static Optional<List<Partition>> readAt(DiskReader disk, long lba) throws IOException {
    if (lba < 1 || lba >= disk.size() / PartitionTable.SECTOR) {
      return Optional.empty();
    }
    LittleEndianBytes header = disk.read(lba * PartitionTable.SECTOR, PartitionTable.SECTOR);
    long headerSize = header.u32(HEADER_SIZE);
    if (!header.latin1(0, MAGIC.length()).equals(MAGIC)
        || headerSize < LEAST_HEADER
        || headerSize > PartitionTable.SECTOR
        || header.s64(MY_LBA) != lba
        || header.u32(HEADER_CRC) != headerCrc(header, (int) headerSize)) {
      return Optional.empty();
    }
    long count = header.u32(ENTRY_COUNT);
    long size = header.u32(ENTRY_SIZE);
    long table = header.s64(ENTRIES_LBA);
    if (size < LEAST_ENTRY
        || count > LARGEST_TABLE / size
        || table < 0
        || table > (disk.size() - count * size) / PartitionTable.SECTOR) {
      return Optional.empty();
    }
    LittleEndianBytes entries = disk.read(table * PartitionTable.SECTOR, (int) (count * size));
    if (header.u32(ENTRIES_CRC) != crc(entries.array(), entries.size())) {
      return Optional.empty();
    }
    return Optional.of(partitions(entries, (int) count, (int) size, disk.size()));
  }

  private static List<Partition> partitions(
      LittleEndianBytes entries, int count, int size, long diskSize) {
    List<Partition> partitions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = i * size;
      TypeGuid type = new TypeGuid(entries.s64(at), entries.s64(at + Long.BYTES));
      long first = entries.s64(at + ENTRY_FIRST_LBA);
      long last = entries.s64(at + ENTRY_LAST_LBA);
      boolean inside = first > 0 && last >= first && last < diskSize / PartitionTable.SECTOR;
      if (!type.equals(EMPTY) && inside) {
        partitions.add(
            new Partition(
                i + 1,
                first * PartitionTable.SECTOR,
                (last - first + 1) * PartitionTable.SECTOR,
                LINUX.contains(type)));
      }
    }
    return partitions;
  }

  /** The field itself counts as zero. */
  private static long headerCrc(LittleEndianBytes header, int size) {
    byte[] copy = header.array().clone();
    for (int i = 0; i < Integer.BYTES; i++) {
      copy[HEADER_CRC + i] = 0;
    }
    return crc(copy, size);
  }

  private static long crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return crc.getValue();
  }
}

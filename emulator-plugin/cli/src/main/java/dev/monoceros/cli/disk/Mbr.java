package dev.monoceros.cli.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Master boot record (UEFI 2.10, 5.2.1) and the chain of logical partitions in an extended one. */
final class Mbr {
  private static final int SIGNATURE = 510;
  private static final int SIGNATURE_VALUE = 0xaa55;
  private static final int ENTRIES = 446;
  private static final int ENTRY_SIZE = 16;
  private static final int ENTRY_COUNT = 4;
  private static final int BOOT_INDICATOR = 0;
  private static final int TYPE = 4;
  private static final int START = 8;
  private static final int LENGTH = 12;
  private static final int ACTIVE = 0x80;

  private static final int TYPE_EMPTY = 0;
  private static final int TYPE_EXTENDED = 0x05;
  private static final int TYPE_EXTENDED_LBA = 0x0f;
  private static final int TYPE_EXTENDED_LINUX = 0x85;
  private static final int TYPE_LINUX = 0x83;
  private static final int TYPE_GPT_PROTECTIVE = 0xee;

  private static final int FIRST_LOGICAL = 5;

  /** The kernel takes no more minors of one disk. */
  private static final int MOST_LOGICAL = 251;

  private Mbr() {}

  /** A boot sector of a file system has the signature, too, but no boot indicators of 0 or 0x80. */
  static boolean isPresent(LittleEndianBytes sector) {
    if (sector.u16(SIGNATURE) != SIGNATURE_VALUE) {
      return false;
    }
    for (int i = 0; i < ENTRY_COUNT; i++) {
      int indicator = sector.u8(ENTRIES + i * ENTRY_SIZE + BOOT_INDICATOR);
      if (indicator != 0 && indicator != ACTIVE) {
        return false;
      }
    }
    return true;
  }

  static boolean isProtective(LittleEndianBytes sector) {
    for (int i = 0; i < ENTRY_COUNT; i++) {
      if (type(sector, i) == TYPE_GPT_PROTECTIVE) {
        return true;
      }
    }
    return false;
  }

  static List<Partition> read(DiskReader disk, LittleEndianBytes sector) throws IOException {
    List<Partition> partitions = new ArrayList<>();
    long extended = -1;
    for (int i = 0; i < ENTRY_COUNT; i++) {
      if (length(sector, i) == 0 || type(sector, i) == TYPE_EMPTY) {
        continue;
      }
      if (isExtended(type(sector, i))) {
        extended = extended < 0 ? start(sector, i) : extended;
      } else {
        partitions.add(partition(i + 1, 0, sector, i));
      }
    }
    if (extended >= 0) {
      addLogical(disk, extended, partitions);
    }
    return partitions;
  }

  /** Each link holds one partition relative to itself and the next link relative to the first. */
  private static void addLogical(DiskReader disk, long first, List<Partition> partitions)
      throws IOException {
    Set<Long> seen = new HashSet<>();
    long link = first;
    for (int number = FIRST_LOGICAL; number < FIRST_LOGICAL + MOST_LOGICAL; number++) {
      if (!seen.add(link) || link >= disk.size() / PartitionTable.SECTOR) {
        return;
      }
      LittleEndianBytes sector = disk.read(link * PartitionTable.SECTOR, PartitionTable.SECTOR);
      if (sector.u16(SIGNATURE) != SIGNATURE_VALUE) {
        return;
      }
      if (length(sector, 0) != 0 && !isExtended(type(sector, 0))) {
        partitions.add(partition(number, link, sector, 0));
      }
      if (!isExtended(type(sector, 1)) || length(sector, 1) == 0) {
        return;
      }
      link = first + start(sector, 1);
    }
  }

  private static Partition partition(int number, long base, LittleEndianBytes sector, int entry) {
    return new Partition(
        number,
        (base + start(sector, entry)) * PartitionTable.SECTOR,
        length(sector, entry) * PartitionTable.SECTOR,
        type(sector, entry) == TYPE_LINUX);
  }

  private static boolean isExtended(int type) {
    return type == TYPE_EXTENDED || type == TYPE_EXTENDED_LBA || type == TYPE_EXTENDED_LINUX;
  }

  private static int type(LittleEndianBytes sector, int entry) {
    return sector.u8(ENTRIES + entry * ENTRY_SIZE + TYPE);
  }

  private static long start(LittleEndianBytes sector, int entry) {
    return sector.u32(ENTRIES + entry * ENTRY_SIZE + START);
  }

  private static long length(LittleEndianBytes sector, int entry) {
    return sector.u32(ENTRIES + entry * ENTRY_SIZE + LENGTH);
  }
}

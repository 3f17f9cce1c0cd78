package dev.monoceros.images.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The partitions of a disk, numbered as Linux numbers them. A table that is damaged reads as far as
 * it makes sense.
 *
 * @param partitions in the order of their numbers
 * @param ids what Linux calls PARTUUID, by partition number
 */
public record PartitionList(List<Partition> partitions, Map<Integer, String> ids) {
  private static final int SECTOR_BYTES = MbrWriter.SECTOR_BYTES;
  private static final PartitionList NONE = new PartitionList(List.of(), Map.of());
  private static final int SIGNATURE_OFFSET = 440;
  private static final int TABLE_OFFSET = 446;
  private static final int ENTRY_BYTES = 16;
  private static final int PRIMARY_ENTRIES = 4;
  private static final int FIRST_LOGICAL = 5;

  /** Linux stops at 256 minors per disk; a chain of extended records longer than that is a loop. */
  private static final int MAX_LOGICAL = 250;

  private static final int MAX_GPT_ENTRIES = 1024;
  private static final short BOOT_MARK = (short) 0xAA55;
  private static final int TYPE_LINUX = 0x83;
  private static final int TYPE_GPT_PROTECTIVE = 0xEE;
  private static final int TYPE_EXTENDED_CHS = 0x05;
  private static final int TYPE_EXTENDED_LBA = 0x0F;
  private static final int TYPE_EXTENDED_LINUX = 0x85;
  private static final byte[] GPT_SIGNATURE = "EFI PART".getBytes(StandardCharsets.US_ASCII);
  private static final UUID GPT_LINUX_FILESYSTEM =
      UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");

  /** "Root Partition (amd64/x86_64)" of the Discoverable Partitions Specification. */
  private static final UUID GPT_LINUX_ROOT_X86_64 =
      UUID.fromString("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");

  /** What a partition holds, by its type. */
  public enum Kind {
    /** A Linux file system. */
    LINUX,
    /** A Linux root file system for x86-64, said so by its GPT type. */
    LINUX_ROOT,
    /** Anything else. */
    OTHER
  }

  /**
   * One partition.
   *
   * @param number the N of vdaN
   * @param start offset in bytes
   * @param length in bytes
   * @param kind what it holds
   */
  public record Partition(int number, long start, long length, Kind kind) {
    /** Its bytes. */
    public DiskSource on(DiskSource disk) {
      return disk.slice(start, length);
    }
  }

  public PartitionList {
    partitions = List.copyOf(partitions);
    ids = Map.copyOf(ids);
  }

  /** Reads the table of a disk; a disk without one has no partitions. */
  public static PartitionList read(DiskSource disk) throws IOException {
    if (disk.size() < SECTOR_BYTES) {
      return NONE;
    }
    ByteBuffer mbr = sector(disk, 0);
    if (mbr.getShort(SECTOR_BYTES - 2) != BOOT_MARK) {
      return NONE;
    }
    for (int i = 0; i < PRIMARY_ENTRIES; i++) {
      if (type(mbr, i) == TYPE_GPT_PROTECTIVE) {
        return readGpt(disk);
      }
    }
    List<Partition> found = readMbr(disk, mbr);
    return new PartitionList(found, mbrIds(mbr.getInt(SIGNATURE_OFFSET), found));
  }

  /**
   * Where Linux would look for a root file system: a partition of that very type, else the first
   * Linux one.
   */
  public Optional<Partition> root() {
    return partitions.stream()
        .filter(partition -> partition.kind() == Kind.LINUX_ROOT)
        .findFirst()
        .or(
            () ->
                partitions.stream()
                    .filter(partition -> partition.kind() == Kind.LINUX)
                    .findFirst());
  }

  /** Linux makes them of the disk's signature (block/partitions/msdos.c, set_info). */
  private static Map<Integer, String> mbrIds(int signature, List<Partition> partitions) {
    Map<Integer, String> ids = new TreeMap<>();
    for (Partition partition : partitions) {
      if (signature != 0) {
        ids.put(partition.number(), "%08x-%02x".formatted(signature, partition.number()));
      }
    }
    return ids;
  }

  private static List<Partition> readMbr(DiskSource disk, ByteBuffer mbr) throws IOException {
    List<Partition> found = new ArrayList<>();
    long extended = 0;
    for (int i = 0; i < PRIMARY_ENTRIES; i++) {
      if (isExtended(type(mbr, i))) {
        extended = firstSector(mbr, i);
      }
      add(found, disk, i + 1, firstSector(mbr, i), sectors(mbr, i), kind(type(mbr, i)));
    }
    if (extended > 0) {
      readLogical(disk, extended, found);
    }
    return found;
  }

  /**
   * Each extended record lists one logical partition, relative to itself, and the next record,
   * relative to the first.
   */
  private static void readLogical(DiskSource disk, long extended, List<Partition> found)
      throws IOException {
    long record = extended;
    for (int i = 0; i < MAX_LOGICAL && (record + 1) * SECTOR_BYTES <= disk.size(); i++) {
      ByteBuffer table = sector(disk, record * SECTOR_BYTES);
      if (table.getShort(SECTOR_BYTES - 2) != BOOT_MARK) {
        return;
      }
      add(
          found,
          disk,
          FIRST_LOGICAL + i,
          record + firstSector(table, 0),
          sectors(table, 0),
          kind(type(table, 0)));
      if (!isExtended(type(table, 1))) {
        return;
      }
      record = extended + firstSector(table, 1);
    }
  }

  private static PartitionList readGpt(DiskSource disk) throws IOException {
    List<Partition> found = new ArrayList<>();
    Map<Integer, String> ids = new TreeMap<>();
    if (disk.size() < 2L * SECTOR_BYTES) {
      return NONE;
    }
    ByteBuffer header = sector(disk, SECTOR_BYTES);
    byte[] signature = new byte[GPT_SIGNATURE.length];
    header.get(0, signature);
    long table = header.getLong(72);
    int count = header.getInt(80);
    int size = header.getInt(84);
    boolean sane =
        count > 0
            && count <= MAX_GPT_ENTRIES
            && size >= GptWriter.ENTRY_BYTES
            && size <= SECTOR_BYTES
            && size % 8 == 0;
    if (!Arrays.equals(signature, GPT_SIGNATURE)
        || !sane
        || table < 2
        || table > disk.size() / SECTOR_BYTES) {
      return NONE;
    }
    ByteBuffer entries = ByteBuffer.allocate(count * size).order(ByteOrder.LITTLE_ENDIAN);
    if (entries.capacity() > disk.size() - table * SECTOR_BYTES) {
      return NONE;
    }
    disk.read(table * SECTOR_BYTES, entries);
    for (int i = 0; i < count; i++) {
      int at = i * size;
      UUID type = guid(entries, at);
      long first = entries.getLong(at + 32);
      long last = entries.getLong(at + 40);
      if (type.getMostSignificantBits() != 0 && first > 0 && last >= first) {
        add(found, disk, i + 1, first, last - first + 1, kind(type));
        ids.put(i + 1, guid(entries, at + 16).toString());
      }
    }
    return new PartitionList(found, ids);
  }

  private static void add(
      List<Partition> found, DiskSource disk, int number, long first, long sectors, Kind kind) {
    long diskSectors = disk.size() / SECTOR_BYTES;
    if (first > 0 && sectors > 0 && first < diskSectors) {
      found.add(
          new Partition(
              number,
              first * SECTOR_BYTES,
              Math.min(sectors, diskSectors - first) * SECTOR_BYTES,
              kind));
    }
  }

  private static ByteBuffer sector(DiskSource disk, long offset) throws IOException {
    ByteBuffer sector = ByteBuffer.allocate(SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    disk.read(offset, sector);
    return sector.flip();
  }

  private static int type(ByteBuffer table, int entry) {
    return Byte.toUnsignedInt(table.get(TABLE_OFFSET + entry * ENTRY_BYTES + 4));
  }

  private static long firstSector(ByteBuffer table, int entry) {
    return Integer.toUnsignedLong(table.getInt(TABLE_OFFSET + entry * ENTRY_BYTES + 8));
  }

  private static long sectors(ByteBuffer table, int entry) {
    return Integer.toUnsignedLong(table.getInt(TABLE_OFFSET + entry * ENTRY_BYTES + 12));
  }

  private static boolean isExtended(int type) {
    return type == TYPE_EXTENDED_CHS || type == TYPE_EXTENDED_LBA || type == TYPE_EXTENDED_LINUX;
  }

  private static Kind kind(int type) {
    return type == TYPE_LINUX ? Kind.LINUX : Kind.OTHER;
  }

  private static Kind kind(UUID type) {
    if (type.equals(GPT_LINUX_ROOT_X86_64)) {
      return Kind.LINUX_ROOT;
    }
    return type.equals(GPT_LINUX_FILESYSTEM) ? Kind.LINUX : Kind.OTHER;
  }

  /** UEFI appendix A: the first three fields are little-endian, the rest is a byte string. */
  private static UUID guid(ByteBuffer bytes, int at) {
    long high =
        (Integer.toUnsignedLong(bytes.getInt(at)) << 32)
            | ((bytes.getShort(at + 4) & 0xFFFFL) << 16)
            | (bytes.getShort(at + 6) & 0xFFFFL);
    return new UUID(high, Long.reverseBytes(bytes.getLong(at + 8)));
  }
}

package dev.monoceros.images.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The master boot record (UEFI 2.10, 5.2.1 and 5.2.3): 512 bytes at the start of the disk. */
final class MbrWriter {
  static final int SECTOR_BYTES = 512;
  private static final int MAX_PARTITIONS = 4;
  private static final int SIGNATURE_OFFSET = 440;
  private static final int TABLE_OFFSET = 446;
  private static final int ENTRY_BYTES = 16;
  private static final int BOOT_MARK_OFFSET = 510;
  private static final short BOOT_MARK = (short) 0xAA55;
  private static final byte TYPE_LINUX = (byte) 0x83;
  private static final byte TYPE_GPT_PROTECTIVE = (byte) 0xEE;

  /** Cylinder, head and sector at their limits: "see the 32-bit fields". */
  private static final byte[] CHS_LIMIT = {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF};

  /** 5.2.3, table 5.4: the protective partition starts at CHS 0/0/2, which is LBA 1. */
  private static final byte[] CHS_SECTOR_1 = {0x00, 0x02, 0x00};

  private static final long MAX_SECTORS = 0xFFFF_FFFFL;

  private MbrWriter() {}

  /** A record that lists partitions, in LBAs. */
  static ByteBuffer table(int diskSignature, List<Extent> partitions) {
    if (partitions.size() > MAX_PARTITIONS) {
      throw new IllegalArgumentException("an MBR holds at most four partitions");
    }
    ByteBuffer sector = empty();
    sector.putInt(SIGNATURE_OFFSET, diskSignature);
    for (int i = 0; i < partitions.size(); i++) {
      Extent extent = partitions.get(i);
      if (extent.firstSector() + extent.sectors() > MAX_SECTORS) {
        throw new IllegalArgumentException("an MBR cannot describe a partition beyond 2 TiB");
      }
      entry(sector, i, TYPE_LINUX, CHS_LIMIT, extent);
    }
    return sector;
  }

  /** 5.2.3: the record that keeps older programs off a GPT disk. */
  static ByteBuffer protective(long diskSectors) {
    ByteBuffer sector = empty();
    entry(
        sector,
        0,
        TYPE_GPT_PROTECTIVE,
        CHS_SECTOR_1,
        new Extent(1, Math.min(diskSectors - 1, MAX_SECTORS)));
    return sector;
  }

  private static ByteBuffer empty() {
    ByteBuffer sector = ByteBuffer.allocate(SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    sector.putShort(BOOT_MARK_OFFSET, BOOT_MARK);
    return sector;
  }

  private static void entry(
      ByteBuffer sector, int index, byte type, byte[] startChs, Extent extent) {
    int at = TABLE_OFFSET + index * ENTRY_BYTES;
    sector.put(at + 1, startChs);
    sector.put(at + 4, type);
    sector.put(at + 5, CHS_LIMIT);
    sector.putInt(at + 8, (int) extent.firstSector());
    sector.putInt(at + 12, (int) extent.sectors());
  }
}

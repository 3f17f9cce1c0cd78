package dev.monoceros.cli.disk;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The partitions of a disk. */
public final class PartitionTable {
  /** Virtio-blk counts in these whatever the block size. */
  static final int SECTOR = 512;

  private PartitionTable() {}

  /**
   * Reads an MBR or a GPT.
   *
   * @return the partitions by number; empty for a disk without a table
   */
  public static List<Partition> read(DiskReader disk) throws IOException {
    if (disk.size() < SECTOR) {
      return List.of();
    }
    LittleEndianBytes sector = disk.read(0, SECTOR);
    if (!Mbr.isPresent(sector)) {
      return List.of();
    }
    return Mbr.isProtective(sector) ? Gpt.read(disk) : Mbr.read(disk, sector);
  }

  /** The first partition whose type says Linux. */
  public static Optional<Partition> firstLinux(List<Partition> partitions) {
    return partitions.stream().filter(Partition::linux).findFirst();
  }
}

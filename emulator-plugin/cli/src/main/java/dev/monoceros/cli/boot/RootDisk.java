package dev.monoceros.cli.boot;

import dev.monoceros.cli.disk.DiskReader;
import dev.monoceros.cli.disk.FileSystemKind;
import dev.monoceros.cli.disk.OpenDisk;
import dev.monoceros.cli.disk.Partition;
import dev.monoceros.cli.disk.PartitionTable;
import dev.monoceros.machine.DiskSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The first disk, looked into: where the guest's root file system is.
 *
 * @param device the guest's name of it, such as /dev/vda1
 * @param reader its bytes
 * @param fileSystem what it holds, if known
 * @param disk the open image
 */
record RootDisk(
    String device, DiskReader reader, Optional<FileSystemKind> fileSystem, OpenDisk disk)
    implements AutoCloseable {
  private static final String DISK = "/dev/vda";

  /** The first Linux partition of a disk, or all of it. */
  static RootDisk open(DiskSpec spec) throws IOException {
    OpenDisk disk = OpenDisk.open(spec);
    try {
      List<Partition> partitions = PartitionTable.read(disk);
      Optional<Partition> root = PartitionTable.firstLinux(partitions);
      DiskReader reader =
          root.isPresent() ? disk.slice(root.get().begin(), root.get().bytes()) : disk;
      String device = root.map(partition -> DISK + partition.number()).orElse(DISK);
      return new RootDisk(device, reader, FileSystemKind.of(reader), disk);
    } catch (IOException | RuntimeException e) {
      disk.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}

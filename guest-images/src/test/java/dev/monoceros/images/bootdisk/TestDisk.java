package dev.monoceros.images.bootdisk;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.disk.Ext4Builder;
import dev.monoceros.images.disk.Ext4Options;
import dev.monoceros.images.disk.PartitionTable;
import dev.monoceros.images.disk.PartitionedDisk;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Disks with file systems made by mke2fs. */
final class TestDisk {
  private static final long BYTES = 8L << 20;

  private final Path directory;
  private final List<PartitionedDisk.Partition> partitions = new ArrayList<>();

  TestDisk(Path directory) {
    this.directory = directory;
  }

  /** The id that a partition's file system gets. */
  static UUID uuid(int number) {
    return new UUID(0x1234_5678_0000_4000L, 0x8000_0000_0000_0000L + number);
  }

  /** The tree of a root file system, to which files are added. */
  static FileTree.Builder root() {
    return FileTree.builder().directory("etc").directory("usr");
  }

  TestDisk ext4(FileTree.Builder tree) {
    int number = partitions.size() + 1;
    Path raw = directory.resolve("partition" + number);
    PackageCache cache = PackageCache.open(CacheOptions.defaults());
    Ext4Options options = new Ext4Options(BYTES, "p" + number, uuid(number), uuid(100), 0);
    new Ext4Builder(cache.imageTools().mke2fs()).build(tree.build(), options, raw);
    return add(raw);
  }

  /** A partition with bytes at an offset and zeroes otherwise. */
  TestDisk raw(int offset, byte[] bytes) throws IOException {
    byte[] content = new byte[1 << 20];
    System.arraycopy(bytes, 0, content, offset, bytes.length);
    return add(Files.write(directory.resolve("partition" + (partitions.size() + 1)), content));
  }

  private TestDisk add(Path raw) {
    partitions.add(new PartitionedDisk.Partition("p", raw));
    return this;
  }

  /** What a run would boot from a disk with a GPT. */
  BootDisk find() throws IOException, NoKernelException {
    Path disk = directory.resolve("disk");
    new PartitionedDisk(PartitionTable.gpt(), partitions).write(disk, DiskTarget::raw);
    return find(disk);
  }

  /** The same for the first file system without a partition table. */
  BootDisk findOnWhole() throws IOException, NoKernelException {
    return find(partitions.getFirst().content());
  }

  private static BootDisk find(Path disk) throws IOException, NoKernelException {
    try (FileChannel channel = FileChannel.open(disk)) {
      return BootDisk.find(DiskSource.raw(channel), "/dev/vda");
    }
  }
}

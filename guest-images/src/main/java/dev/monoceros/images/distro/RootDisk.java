package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Progress;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.disk.Ext4Builder;
import dev.monoceros.images.disk.Ext4Options;
import dev.monoceros.images.disk.PartitionTable;
import dev.monoceros.images.disk.PartitionedDisk;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.tree.FileTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A disk with a GPT whose only partition is an ext4 root file system.
 *
 * @param sizeBytes size of the whole disk
 * @param inputs all that shapes the image; its ids follow from that, so that a guest can have two
 *     images and tell them apart
 */
record RootDisk(long sizeBytes, String inputs) {
  private static final long MIB = 1L << 20;

  /** The partition tables at both ends, with the partition aligned between. */
  private static final long AROUND_ROOT = 2 * MIB;

  /**
   * Refuses a size that cannot be.
   *
   * @throws ImagesException BAD_INPUT
   */
  static void requireSize(long sizeBytes, long least) {
    if (sizeBytes < least || sizeBytes % MIB != 0) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "This disk needs a size of at least "
              + least / MIB
              + " MiB and a whole number of MiB, which "
              + sizeBytes
              + " bytes are not.");
    }
  }

  /** The file system's id, for fstab(5). */
  UUID rootId() {
    return id("root");
  }

  /** Writes a disk that holds a tree. */
  void write(PackageCache cache, FileTree tree, Path work, Path image) {
    Path root = root(cache, work);
    new Ext4Builder(cache.imageTools().mke2fs()).build(tree, options(), root);
    partition(cache, root, image);
  }

  /** Writes a disk that holds what is in a tar archive. */
  void write(PackageCache cache, Path tar, Path work, Path image) {
    Path root = root(cache, work);
    new Ext4Builder(cache.imageTools().mke2fs()).build(tar, options(), root);
    partition(cache, root, image);
  }

  private static Path root(PackageCache cache, Path work) {
    cache.options().progress().update(Progress.Phase.BUILD, "the file system", 0, -1);
    return work.resolve("root.raw");
  }

  private Ext4Options options() {
    return new Ext4Options(
        sizeBytes - AROUND_ROOT, "root", rootId(), id("hash"), Initramfs.EPOCH_SECONDS);
  }

  private void partition(PackageCache cache, Path root, Path image) {
    cache.options().progress().update(Progress.Phase.BUILD, "the disk image", 0, -1);
    new PartitionedDisk(
            new PartitionTable.Gpt(id("disk")),
            List.of(new PartitionedDisk.Partition("root", root)))
        .write(image, DiskTarget::qcow2);
  }

  private UUID id(String use) {
    return UUID.nameUUIDFromBytes((use + "\n" + inputs).getBytes(StandardCharsets.UTF_8));
  }
}

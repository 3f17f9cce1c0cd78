package dev.monoceros.cli.boot;

import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.disk.PartitionList;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The first disk, looked into before it boots: where the guest's root file system is.
 *
 * @param device the guest's name of it, such as /dev/vda1
 * @param source its bytes
 * @param whole the bytes of the whole disk
 * @param image the open disk
 */
record RootDisk(String device, DiskSource source, DiskSource whole, DiskImage image)
    implements AutoCloseable {
  /** The guest's name of its first disk. */
  static final String DISK = "/dev/vda";

  /** The root partition of a disk, or all of it. */
  static RootDisk open(DiskSpec spec, Path file) throws IOException {
    OpenOptions options =
        OpenOptions.defaults()
            .withFormat(spec.format().map(RootDisk::format).orElse(ImageFormat.PROBE))
            .withBacking(spec.anyBacking() ? BackingPolicy.ALLOW : BackingPolicy.SAME_DIRECTORY)
            .withReadOnly(true);
    DiskImage image = DiskImage.open(file, options);
    try {
      DiskSource disk = DiskSource.image(image);
      Optional<PartitionList.Partition> root = PartitionList.read(disk).root();
      return new RootDisk(
          root.map(partition -> DISK + partition.number()).orElse(DISK),
          root.map(partition -> partition.on(disk)).orElse(disk),
          disk,
          image);
    } catch (IOException | RuntimeException e) {
      image.close();
      throw e;
    }
  }

  /** The machine refuses QCOW version 1 by name; here the probe does. */
  private static ImageFormat format(DiskSpec.Format format) {
    return switch (format) {
      case QCOW2 -> ImageFormat.QCOW2;
      case QCOW -> ImageFormat.PROBE;
      case RAW -> ImageFormat.RAW;
    };
  }

  @Override
  public void close() throws ImageException {
    image.close();
  }
}

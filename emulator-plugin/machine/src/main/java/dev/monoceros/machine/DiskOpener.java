package dev.monoceros.machine;

import dev.monoceros.machine.DiskSpec.Medium;
import dev.monoceros.machine.block.Disk;
import dev.monoceros.machine.block.FaultyDisk;
import dev.monoceros.machine.block.ImageDisk;
import dev.monoceros.machine.block.MemoryDisk;
import dev.monoceros.machine.block.OverlayDisk;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;

/** Puts together what a disk was asked to be. */
final class DiskOpener {
  private DiskOpener() {}

  /**
   * Opens a disk.
   *
   * @throws ImageException with one sentence for the user
   */
  static Disk open(DiskSpec spec) throws ImageException {
    Disk disk =
        switch (spec.medium()) {
          case Medium.ImageFile image -> image(spec, image);
          case Medium.Memory(long bytes) -> new MemoryDisk(bytes, spec.readOnly());
        };
    return spec.faults().rules().isEmpty() ? disk : new FaultyDisk(disk, spec.faults());
  }

  private static Disk image(DiskSpec spec, Medium.ImageFile image) throws ImageException {
    boolean covered = spec.snapshot() && !spec.readOnly();
    ImageDisk disk =
        ImageDisk.open(
            image.file(), options(spec).withReadOnly(spec.readOnly() || spec.snapshot()));
    return covered ? new OverlayDisk(disk, OpenOptions.DEFAULT_OVERLAY_LIMIT) : disk;
  }

  private static OpenOptions options(DiskSpec spec) {
    ImageFormat format = ImageFormat.PROBE;
    if (spec.format().isPresent()) {
      format =
          switch (spec.format().get()) {
            case QCOW2 -> ImageFormat.QCOW2;
            case RAW -> ImageFormat.RAW;
            case QCOW -> ImageFormat.QCOW;
          };
    }
    return OpenOptions.defaults()
        .withFormat(format)
        .withBacking(spec.anyBacking() ? BackingPolicy.ALLOW : BackingPolicy.SAME_DIRECTORY)
        .withL2CacheSize(spec.l2CacheBytes().orElse(OpenOptions.AUTO));
  }
}

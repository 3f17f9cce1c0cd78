package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelRelease;
import dev.monoceros.images.initramfs.RunInitramfs;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.boot.BootException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the initramfs of a run that names none. */
final class InitramfsMaker {
  private static final List<String> DRIVERS = List.of("virtio_blk", "ext4");

  private final PackageCache cache;
  private final TemporaryFiles temporary;

  InitramfsMaker(PackageCache cache, TemporaryFiles temporary) {
    this.cache = cache;
    this.temporary = temporary;
  }

  /**
   * An initramfs with the drivers for a root disk, unless the kernel has them built in.
   *
   * @param root the root file system
   * @param device the guest's name of it
   * @throws Failure naming the drivers that are neither built in nor to be found
   */
  InitrdChoice make(
      Path kernel, Optional<DiskSource> root, String device, DiskSpec.Transport transport)
      throws IOException {
    String bus = transport == DiskSpec.Transport.MMIO ? "virtio_mmio" : "virtio_pci";
    Optional<RunInitramfs> found = RunInitramfs.find(cache, kernel, root, bus);
    if (found.isPresent()) {
      Path file = temporary.add("initramfs.cpio", "made for this run");
      Initramfs.write(found.get().tree(), file);
      return new InitrdChoice(
          List.of(file), "made from the modules of " + found.get().modulesFrom());
    }
    List<String> missing = missing(kernel, bus);
    if (missing.isEmpty()) {
      return new InitrdChoice(List.of(), "none: the kernel has its drivers built in");
    }
    throw Failure.usage(
        "the kernel %s has no built-in driver %s, and no modules for it were found on %s or beside it; give an initramfs with -i"
            .formatted(
                KernelRelease.of(kernel).orElse(kernel.toString()),
                String.join(", ", missing),
                device));
  }

  /** The drivers for a root disk that a kernel does not have built in, as far as can be told. */
  static List<String> missing(Path kernel, String bus) throws IOException {
    List<String> wanted = new ArrayList<>(DRIVERS);
    wanted.addFirst(bus);
    try {
      return BuiltInDrivers.missing(kernel, wanted);
    } catch (BootException e) {
      // No kernel, or too large for a look; the machine says so in its own words.
      return List.of();
    }
  }
}

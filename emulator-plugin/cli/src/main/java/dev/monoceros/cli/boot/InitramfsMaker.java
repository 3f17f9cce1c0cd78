package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelRelease;
import dev.monoceros.images.initramfs.RunInitramfs;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.boot.BootException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the initramfs of a run that names none. */
final class InitramfsMaker {
  private static final List<String> DRIVERS = List.of("virtio_blk", "ext4");

  /**
   * What was made.
   *
   * @param file the initramfs, or empty if none is needed
   * @param origin in words
   */
  record Made(Optional<Path> file, String origin) {}

  private final PackageCache cache;

  InitramfsMaker(PackageCache cache) {
    this.cache = cache;
  }

  /**
   * An initramfs with the drivers for a root disk, unless the kernel has them built in.
   *
   * @throws Failure naming the drivers that are neither built in nor to be found
   */
  Made make(Path kernel, RootDisk root, DiskSpec.Transport transport) throws IOException {
    String bus = transport == DiskSpec.Transport.MMIO ? "virtio_mmio" : "virtio_pci";
    Optional<RunInitramfs> found =
        RunInitramfs.find(cache, kernel, Optional.of(root.source()), bus);
    if (found.isPresent()) {
      Path file = Files.createTempFile("monoceros-initramfs-", ".cpio");
      file.toFile().deleteOnExit();
      Initramfs.write(found.get().tree(), file);
      return new Made(Optional.of(file), "made from the modules of " + found.get().modulesFrom());
    }
    List<String> missing = missing(kernel, bus);
    if (missing.isEmpty()) {
      return new Made(Optional.empty(), "none: the kernel has its drivers built in");
    }
    throw Failure.usage(
        "the kernel %s has no built-in driver %s, and no modules for it were found on %s or beside it; give an initramfs with -i"
            .formatted(
                KernelRelease.of(kernel).orElse(kernel.toString()),
                String.join(", ", missing),
                root.device()));
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

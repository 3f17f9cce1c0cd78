package dev.monoceros.cli;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The disk of the demo, kept in the cache from one demo to the next. */
final class DemoDiskFile {
  private static final String NAME = "demo.qcow2";
  private static final String TEXT = "hello from the disk";

  private DemoDiskFile() {}

  private static Path directory(PackageCache cache) {
    return cache.options().directory().resolve("demo");
  }

  /** The disk, built if it is not there yet. */
  static Path obtain(PackageCache cache, Kernel kernel) throws IOException {
    Path disk = directory(cache).resolve(NAME);
    if (Files.exists(disk)) {
      return disk;
    }
    Files.createDirectories(directory(cache));
    Path place = Files.createTempDirectory(directory(cache), "new-");
    Path fresh = place.resolve(NAME);
    try {
      KernelModules modules =
          new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));
      DemoDisk.build(cache, modules, TEXT, fresh, DiskTarget::qcow2);
      Files.move(fresh, disk, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
      Files.deleteIfExists(place);
    }
    return disk;
  }

  /** Forgets the disk. */
  static void delete(PackageCache cache) throws IOException {
    Files.deleteIfExists(directory(cache).resolve(NAME));
  }
}

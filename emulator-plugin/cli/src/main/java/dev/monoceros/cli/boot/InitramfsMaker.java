package dev.monoceros.cli.boot;

import dev.monoceros.cli.Failure;
import dev.monoceros.cli.disk.Ext4FileSystem;
import dev.monoceros.cli.disk.Ext4Modules;
import dev.monoceros.cli.disk.FileSystemKind;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import dev.monoceros.machine.boot.BootException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes the initramfs of a run that names none. The drivers come from the kernel's own package
 * where the kernel is one of the package cache, else from the root disk's /lib/modules; a kernel
 * that has all of them built in needs no initramfs.
 */
final class InitramfsMaker {
  private static final List<String> DISK_DRIVERS = List.of("virtio_pci", "virtio_blk");

  private final PackageCache cache;
  private final Path kernel;
  private final RootDisk root;
  private final List<String> drivers = new ArrayList<>(DISK_DRIVERS);
  private String findings = "";

  /**
   * What was made.
   *
   * @param file the initramfs, or empty if none is needed
   * @param origin in words
   */
  record Made(Optional<Path> file, String origin) {}

  private record Modules(KernelModules modules, String origin) {}

  InitramfsMaker(PackageCache cache, Path kernel, RootDisk root) {
    this.cache = cache;
    this.kernel = kernel;
    this.root = root;
    root.fileSystem().map(FileSystemKind::driver).ifPresent(drivers::add);
  }

  Made make() throws IOException {
    Optional<String> release = KernelRelease.of(kernel);
    if (release.isPresent()) {
      Optional<Modules> modules = fromPackage(release.get());
      if (modules.isEmpty()) {
        modules = fromDisk(release.get());
      }
      if (modules.isPresent()) {
        return write(modules.get());
      }
    }
    List<String> missing = missing();
    if (missing.isEmpty()) {
      return new Made(Optional.empty(), "none: the kernel has its drivers built in");
    }
    throw Failure.usage(
        "the kernel %s has no built-in driver %s, and %s; give an initramfs with -i"
            .formatted(release.orElse(kernel.toString()), String.join(", ", missing), findings));
  }

  /** An unpacked package has boot/vmlinuz-RELEASE beside usr/lib/modules/RELEASE. */
  private Optional<Modules> fromPackage(String release) throws IOException {
    Path file = kernel.toRealPath();
    Path directory = cache.options().directory();
    if (!Files.isDirectory(directory) || !file.startsWith(directory.toRealPath())) {
      return Optional.empty();
    }
    Path modules = file.resolveSibling("../usr/lib/modules/" + release).normalize();
    return Files.isDirectory(modules)
        ? Optional.of(
            new Modules(
                new KernelModules(release, ModuleFiles.directory(modules)),
                "made from the kernel's package"))
        : Optional.empty();
  }

  private Optional<Modules> fromDisk(String release) {
    String place = root.device().substring("/dev/".length());
    if (root.fileSystem().filter(FileSystemKind.EXT4::equals).isEmpty()) {
      findings =
          "%s holds %s, in which modules cannot be looked for"
              .formatted(
                  place,
                  root.fileSystem().map(FileSystemKind::driver).orElse("no known file system"));
      return Optional.empty();
    }
    try {
      Ext4FileSystem files = Ext4FileSystem.open(root.reader());
      Optional<Ext4Modules> modules = Ext4Modules.of(files, release);
      if (modules.isPresent()) {
        return Optional.of(
            new Modules(
                new KernelModules(release, modules.get()),
                "made from /lib/modules/" + release + " of " + place));
      }
      List<String> others = Ext4Modules.releases(files);
      findings =
          others.isEmpty()
              ? place + " has no /lib/modules"
              : "%s has modules for %s only".formatted(place, String.join(", ", others));
    } catch (IOException e) {
      findings = "the modules on " + place + " cannot be read: " + e.getMessage();
    }
    return Optional.empty();
  }

  private List<String> missing() throws IOException {
    try {
      return BuiltInDrivers.missing(kernel, drivers);
    } catch (BootException e) {
      // No kernel, or too large for a look; the machine says so in its own words.
      return List.of();
    }
  }

  private Made write(Modules found) throws IOException {
    String[] wanted = drivers.toArray(String[]::new);
    if (found.modules().withDependencies(wanted).isEmpty()) {
      return new Made(Optional.empty(), "none: the kernel has its drivers built in");
    }
    Path file = Files.createTempFile("monoceros-initramfs-", ".cpio");
    file.toFile().deleteOnExit();
    Initramfs.write(Initramfs.root(cache.busybox().path(), found.modules(), wanted), file);
    return new Made(Optional.of(file), found.origin());
  }
}

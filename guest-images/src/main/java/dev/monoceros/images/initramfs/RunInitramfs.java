package dev.monoceros.images.initramfs;

import dev.monoceros.images.CachedRequest;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.tree.FileTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The initramfs of a run to which none was given: made of the modules that fit the kernel, from the
 * first place that has them.
 *
 * @param tree its files
 * @param modulesFrom where the modules were found, for the run's report
 */
public record RunInitramfs(FileTree tree, String modulesFrom) {
  /**
   * Looks for the kernel's modules on the root file system, then beside the kernel, then in the
   * package cache, and makes an initramfs that mounts an ext4 root on a virtio disk.
   *
   * @param cache gives busybox; its unpacked kernels are looked at, none is fetched
   * @param vmlinuz the kernel of the run
   * @param root the root file system (a partition or a whole disk), when the run has a disk
   * @return empty when no modules fit: such a kernel boots only if all it needs is built in
   * @throws dev.monoceros.images.ImagesException BAD_INPUT naming a driver that is missing from all
   *     the modules found
   */
  public static Optional<RunInitramfs> find(
      PackageCache cache, Path vmlinuz, Optional<DiskSource> root) {
    return find(cache, vmlinuz, root, "virtio_pci");
  }

  /**
   * The same for a disk behind another transport.
   *
   * @param transport the transport's driver: {@code virtio_pci}, {@code virtio_mmio}
   * @throws dev.monoceros.images.ImagesException as above
   */
  public static Optional<RunInitramfs> find(
      PackageCache cache, Path vmlinuz, Optional<DiskSource> root, String transport) {
    Optional<String> release = KernelRelease.of(vmlinuz);
    return release.flatMap(
        name -> firstThatSuffices(places(cache, vmlinuz, root, name, transport)));
  }

  /** Where modules may be, best first. */
  private static List<Supplier<Optional<RunInitramfs>>> places(
      PackageCache cache,
      Path vmlinuz,
      Optional<DiskSource> root,
      String release,
      String transport) {
    return List.of(
        () ->
            root.flatMap(source -> DiskModuleFiles.find(source, release))
                .map(files -> make(cache, release, transport, files, "the root disk")),
        () ->
            beside(vmlinuz, release)
                .map(
                    place ->
                        make(
                            cache,
                            release,
                            transport,
                            ModuleFiles.directory(place),
                            place.toString())),
        () ->
            cached(cache, release)
                .map(
                    request ->
                        make(
                            cache,
                            release,
                            transport,
                            ModuleFiles.directory(
                                request.tree().resolve("usr/lib/modules/" + release)),
                            request.main().toString())));
  }

  /** A place that lacks a driver is passed over; if all do, the first one's complaint counts. */
  private static Optional<RunInitramfs> firstThatSuffices(
      List<Supplier<Optional<RunInitramfs>>> places) {
    ImagesException complaint = null;
    for (Supplier<Optional<RunInitramfs>> place : places) {
      try {
        Optional<RunInitramfs> made = place.get();
        if (made.isPresent()) {
          return made;
        }
      } catch (ImagesException e) {
        if (e.kind() != ImagesException.Kind.BAD_INPUT) {
          throw e;
        }
        complaint = complaint == null ? e : complaint;
      }
    }
    if (complaint != null) {
      throw complaint;
    }
    return Optional.empty();
  }

  private static RunInitramfs make(
      PackageCache cache, String release, String transport, ModuleFiles files, String from) {
    KernelModules modules = new KernelModules(release, files);
    return new RunInitramfs(
        Initramfs.root(cache.busybox().path(), modules, transport, "virtio_blk", "ext4"), from);
  }

  /**
   * Beside {@code boot/vmlinuz} lies {@code lib/modules}, or {@code usr/lib/modules} where /usr is
   * merged.
   */
  private static Optional<Path> beside(Path vmlinuz, String release) {
    Path directory = vmlinuz.toAbsolutePath().normalize().getParent();
    if (directory == null) {
      return Optional.empty();
    }
    Path above = directory.getParent() == null ? directory : directory.getParent();
    return List.of(
            above.resolve("lib/modules"),
            above.resolve("usr/lib/modules"),
            directory.resolve("modules"))
        .stream()
        .map(place -> place.resolve(release))
        .filter(Files::isDirectory)
        .findFirst();
  }

  private static Optional<CachedRequest> cached(PackageCache cache, String release) {
    return cache.list().stream()
        .filter(
            request ->
                request.main().name().equals("linux-image-" + release)
                    && Files.isDirectory(request.tree()))
        .findFirst();
  }
}

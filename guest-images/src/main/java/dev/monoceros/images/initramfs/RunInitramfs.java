package dev.monoceros.images.initramfs;

import dev.monoceros.images.CachedRequest;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.tree.FileTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
   * @throws dev.monoceros.images.ImagesException BAD_INPUT naming a driver that is missing from the
   *     modules found
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
        name ->
            root.flatMap(
                    source ->
                        DiskModuleFiles.find(source, name)
                            .map(files -> make(cache, name, transport, files, "the root disk")))
                .or(
                    () ->
                        beside(vmlinuz, name)
                            .map(
                                directory ->
                                    make(
                                        cache,
                                        name,
                                        transport,
                                        ModuleFiles.directory(directory),
                                        directory.toString())))
                .or(
                    () ->
                        cached(cache, name)
                            .map(
                                request ->
                                    make(
                                        cache,
                                        name,
                                        transport,
                                        ModuleFiles.directory(
                                            request.tree().resolve("usr/lib/modules/" + name)),
                                        request.main().toString()))));
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

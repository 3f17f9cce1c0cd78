package dev.monoceros.images.initramfs;

import dev.monoceros.images.CachedRequest;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The modules that fit a kernel, from the first place that has them.
 *
 * @param modules what was found
 * @param from where, in words
 */
public record RunModules(KernelModules modules, String from) {
  /**
   * Looks on the root file system, then beside the kernel, then in the package cache.
   *
   * @param cache its unpacked kernels are looked at, none is fetched
   * @param vmlinuz the kernel of the run
   * @param root the root file system (a partition or a whole disk), when the run has a disk
   * @return empty when no modules fit: such a kernel boots only if all it needs is built in
   */
  public static Optional<RunModules> find(
      PackageCache cache, Path vmlinuz, Optional<DiskSource> root) {
    return KernelRelease.of(vmlinuz)
        .flatMap(
            release ->
                root.flatMap(source -> DiskModuleFiles.find(source, release))
                    .map(files -> of(release, files, "the root disk"))
                    .or(() -> beside(vmlinuz, release))
                    .or(() -> cached(cache, release)));
  }

  private static RunModules of(String release, ModuleFiles files, String from) {
    return new RunModules(new KernelModules(release, files), from);
  }

  /**
   * Beside {@code boot/vmlinuz} lies {@code lib/modules}, or {@code usr/lib/modules} where /usr is
   * merged.
   */
  private static Optional<RunModules> beside(Path vmlinuz, String release) {
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
        .findFirst()
        .map(found -> of(release, ModuleFiles.directory(found), found.toString()));
  }

  private static Optional<RunModules> cached(PackageCache cache, String release) {
    return cache.list().stream()
        .filter(
            request ->
                request.main().name().equals("linux-image-" + release)
                    && Files.isDirectory(request.tree()))
        .findFirst()
        .map(
            (CachedRequest request) ->
                of(
                    release,
                    ModuleFiles.directory(request.tree().resolve("usr/lib/modules/" + release)),
                    request.main().toString()));
  }
}

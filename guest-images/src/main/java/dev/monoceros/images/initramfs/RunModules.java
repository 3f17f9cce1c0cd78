package dev.monoceros.images.initramfs;

import dev.monoceros.images.CachedRequest;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The modules that fit a kernel, from the first place that has all drivers wanted.
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
   * @param drivers a place that lacks one is passed over if another has them all
   * @return empty when no modules fit: such a kernel boots only if all it needs is built in
   */
  public static Optional<RunModules> find(
      PackageCache cache, Path vmlinuz, Optional<DiskSource> root, String... drivers) {
    return KernelRelease.of(vmlinuz)
        .flatMap(release -> best(places(cache, vmlinuz, root, release), List.of(drivers)));
  }

  /** Where modules may be, best first; looked at only when it comes to that. */
  private static List<Supplier<Optional<RunModules>>> places(
      PackageCache cache, Path vmlinuz, Optional<DiskSource> root, String release) {
    return List.of(
        () ->
            root.flatMap(source -> DiskModuleFiles.find(source, release))
                .map(files -> of(release, files, "the root disk")),
        () -> beside(vmlinuz, release),
        () -> cached(cache, release));
  }

  private static Optional<RunModules> best(
      List<Supplier<Optional<RunModules>>> places, List<String> drivers) {
    Optional<RunModules> incomplete = Optional.empty();
    for (Supplier<Optional<RunModules>> place : places) {
      Optional<RunModules> found = place.get();
      if (found.isPresent() && drivers.stream().allMatch(found.get().modules()::has)) {
        return found;
      }
      incomplete = incomplete.or(() -> found);
    }
    return incomplete;
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

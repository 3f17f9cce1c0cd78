package dev.monoceros.images.initramfs;

import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.tree.FileTree;
import java.nio.file.Path;
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
    String[] drivers = {transport, "virtio_blk", "ext4"};
    return RunModules.find(cache, vmlinuz, root, drivers)
        .map(
            found ->
                new RunInitramfs(
                    Initramfs.root(cache.busybox().path(), found.modules(), drivers),
                    found.from()));
  }
}

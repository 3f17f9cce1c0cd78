package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Progress;
import dev.monoceros.images.Suite;
import dev.monoceros.images.disk.InstalledModules;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import dev.monoceros.images.tree.FileTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small disk with busybox and the tools of a tester of disks and kernels, unpacked and not
 * installed: no maintainer script runs, so it is built in seconds on any host. Its init gives a
 * shell on the console, or runs the command that the kernel's command line names.
 *
 * @param suite the release
 * @param sizeBytes size of the whole disk, a multiple of 1 MiB, at least {@link #LEAST_BYTES}
 */
public record ToolsImage(Suite suite, long sizeBytes) {
  /** The default size: 1 GiB, of which the file takes what is written. */
  public static final long DEFAULT_BYTES = 1L << 30;

  /** 256 MiB. */
  public static final long LEAST_BYTES = 256L << 20;

  /** Counted up whenever the same packages make other bytes. */
  private static final String RECIPE = "recipe 1";

  /** Drivers of the disks and file systems that there are. */
  private static final String[] DRIVERS = {"virtio_pci", "virtio_blk", "ext4", "loop"};

  public ToolsImage {
    RootDisk.requireSize(sizeBytes, LEAST_BYTES);
  }

  /**
   * The disk in QCOW2, from the cache or built now. The same packages and options give the same
   * bytes on every host.
   *
   * @return a read-only file in the cache
   * @throws ImagesException FETCH_FAILED for a suite without one of the packages
   */
  public Path obtain(PackageCache cache) {
    Parts parts = parts(cache);
    return new ImageStore(cache)
        .obtain(
            "tools-" + suite.codename(),
            inputs(cache, parts),
            (image, work) -> build(cache, parts, image, work));
  }

  /** What the disk is made of. */
  private record Parts(ToolPrograms programs, Kernel kernel) {}

  private Parts parts(PackageCache cache) {
    return new Parts(
        ToolPrograms.of(cache, suite), cache.kernel(suite, PackageCache.CLOUD_FLAVOUR));
  }

  /** Builds it without looking into the cache for it. */
  void build(PackageCache cache, Path image, Path work) {
    build(cache, parts(cache), image, work);
  }

  private void build(PackageCache cache, Parts parts, Path image, Path work) {
    cache.options().progress().update(Progress.Phase.BUILD, "the tools disk", 0, -1);
    FileTree tree = tree(parts.programs(), parts.kernel());
    new RootDisk(sizeBytes, inputs(cache, parts)).write(cache, tree, work, image);
  }

  private static FileTree tree(ToolPrograms programs, Kernel kernel) {
    FileTree.Builder tree = programs.tree();
    tree.file("usr/sbin/init", Resources.text("tools-init.sh"), 0755);
    KernelModules modules =
        new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));
    InstalledModules.add(tree, "usr/lib/modules/", modules, DRIVERS);
    return tree.file("boot/vmlinuz-" + kernel.release(), kernel.vmlinuz(), 0644)
        .file(
            "boot/initrd.img-" + kernel.release(),
            Initramfs.bytes(Initramfs.virtioBlkExt4Root(programs.busybox(), modules)),
            0644)
        .symlink("vmlinuz", "boot/vmlinuz-" + kernel.release())
        .symlink("initrd.img", "boot/initrd.img-" + kernel.release())
        .build();
  }

  private String inputs(PackageCache cache, Parts parts) {
    List<String> lines = new ArrayList<>();
    lines.add("tools of " + suite.codename() + ", " + sizeBytes + " bytes, " + RECIPE);
    lines.addAll(parts.programs().packages());
    lines.add(parts.kernel().from().toString());
    lines.add("made with mke2fs:");
    cache.imageTools().mke2fs().packages().forEach(one -> lines.add(one.toString()));
    lines.add("scripts:");
    lines.add(Resources.text("tools-init.sh"));
    return String.join("\n", lines) + "\n";
  }
}

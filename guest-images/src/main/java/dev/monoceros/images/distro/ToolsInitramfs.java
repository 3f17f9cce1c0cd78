package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Progress;
import dev.monoceros.images.Suite;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.tree.FileTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs of {@link ToolsImage} as an initramfs, so that every disk of the guest is free to be
 * tested. It comes in two archives, which the kernel unpacks one over the other: the programs, and
 * a small one with drivers and the script to run. When the script ends, the guest powers off. It
 * needs 384 MiB of memory.
 *
 * @param suite the release
 */
public record ToolsInitramfs(Suite suite) {
  /** Counted up whenever the same packages make other bytes. */
  private static final String RECIPE = "recipe 1";

  /**
   * The programs, from the cache or packed now.
   *
   * @return a read-only cpio archive in the cache
   * @throws ImagesException FETCH_FAILED for a suite without one of the packages
   */
  public Path obtain(PackageCache cache) {
    ToolPrograms programs = ToolPrograms.of(cache, suite);
    List<String> inputs = new ArrayList<>();
    inputs.add("tools of " + suite.codename() + " as an initramfs, " + RECIPE);
    inputs.addAll(programs.packages());
    return new ImageStore(cache)
        .obtain(
            "tools-" + suite.codename(),
            ".cpio",
            String.join("\n", inputs) + "\n",
            (image, work) -> {
              cache.options().progress().update(Progress.Phase.BUILD, "the tools", 0, -1);
              Initramfs.write(programs.tree().build(), image);
            });
  }

  /**
   * The archive to go with it: init, drivers and what they run.
   *
   * @param modules the kernel's
   * @param script for /bin/sh
   * @param drivers such as {@code virtio_blk}, loaded in this order after what they need
   * @throws ImagesException BAD_INPUT naming a driver that the kernel lacks
   */
  public static FileTree script(KernelModules modules, String script, String... drivers) {
    FileTree.Builder tree =
        FileTree.builder()
            .file("init", Resources.text("tools-initramfs.sh"), 0755)
            .file("script", script, 0755)
            .characterDevice("dev/console", 5, 1, 0600);
    StringBuilder order = new StringBuilder();
    for (KernelModules.Module module : modules.forLoading(drivers)) {
      tree.file("modules/" + module.name() + ".ko", module.elf(), 0644);
      order.append(module.name()).append('\n');
    }
    return tree.file("modules/order", order.toString(), 0644).build();
  }
}

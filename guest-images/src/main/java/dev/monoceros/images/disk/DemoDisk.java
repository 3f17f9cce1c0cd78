package dev.monoceros.images.disk;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Progress;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The disk of {@code monoceros demo}: partition 1 is an ext4 file system with busybox and an init
 * that prints {@code DEMO-OK} and a text from a file, {@code DEMO-EARLIER} and what the boot before
 * wrote, {@code DEMO-BOOT} and a counter that it has written and synced, then powers off.
 */
public final class DemoDisk {
  /** Size of partition 1 in bytes. */
  public static final long ROOT_BYTES = 64L << 20;

  private DemoDisk() {}

  /**
   * The root file system's tree; carries the kernel's virtio drivers, so that an initramfs can be
   * made from the disk.
   */
  public static FileTree tree(Path busybox, KernelModules modules, String text) {
    FileTree.Builder tree =
        FileTree.builder()
            .directory("dev")
            .directory("proc")
            .directory("sys")
            .directory("root")
            .directory("tmp")
            .directory("var/lib/demo")
            .file("bin/busybox", busybox, 0755)
            .file("etc/demo-text", text + "\n", 0644)
            .file("sbin/init", script(), 0755);
    for (String applet : APPLETS) {
      tree.symlink("bin/" + applet, "busybox");
    }
    InstalledModules.add(tree, "lib/modules/", modules, "virtio_pci", "virtio_blk", "ext4");
    return tree.build();
  }

  /** Builds the disk with what the cache gives; temporary files go beside it. */
  public static void build(
      PackageCache cache,
      KernelModules modules,
      String text,
      Path file,
      DiskTarget.Factory format) {
    Path raw = file.resolveSibling(file.getFileName() + ".root");
    Progress progress = cache.options().progress();
    progress.update(Progress.Phase.BUILD, file.getFileName().toString(), 0, ROOT_BYTES);
    try {
      FileTree tree = tree(cache.busybox().path(), modules, text);
      new Ext4Builder(cache.imageTools().mke2fs()).build(tree, Ext4Options.ofSize(ROOT_BYTES), raw);
      new PartitionedDisk(PartitionTable.mbr(), List.of(new PartitionedDisk.Partition("root", raw)))
          .write(file, format);
      progress.update(Progress.Phase.BUILD, file.getFileName().toString(), ROOT_BYTES, ROOT_BYTES);
    } finally {
      delete(raw);
    }
  }

  private static final List<String> APPLETS =
      List.of(
          "sh",
          "cat",
          "cp",
          "cut",
          "dd",
          "df",
          "dmesg",
          "echo",
          "free",
          "grep",
          "head",
          "insmod",
          "ls",
          "lsmod",
          "md5sum",
          "mkdir",
          "mount",
          "mv",
          "poweroff",
          "ps",
          "reboot",
          "rm",
          "setsid",
          "sleep",
          "sort",
          "sync",
          "tail",
          "top",
          "umount",
          "uname",
          "vi");

  private static String script() {
    try (InputStream stream = DemoDisk.class.getResourceAsStream("demo-init.sh")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the module lacks its resource demo-init.sh", e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw ImagesException.io("delete", file, e);
    }
  }
}

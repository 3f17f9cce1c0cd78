package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.tree.FileTree;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** The ready-made initramfs trees, and how a tree becomes a file. */
public final class Initramfs {
  /** 2026-01-01T00:00:00Z, the project's fixed date for everything built. */
  public static final long EPOCH_SECONDS = 1_767_225_600L;

  private static final String BUSYBOX = "bin/busybox";
  private static final String MODULES = "lib/modules/";

  private Initramfs() {}

  /**
   * Reference workload W1: boots, loads the virtio drivers, forks, hashes, sorts, prints TEST-DONE
   * and reboots. Its script loads six modules by name in its own order.
   */
  public static FileTree w1(Path busybox, KernelModules modules) {
    FileTree.Builder tree = skeleton(busybox).file("init", resource("w1-init.sh"), 0755);
    modules
        .withDependencies("virtio_pci", "virtio_blk")
        .forEach(module -> tree.file(MODULES + module.name() + ".ko", module.elf(), 0644));
    return tree.build();
  }

  /**
   * What {@code run} uses when no initramfs is given: loads the drivers of a virtio disk and the
   * file system, waits for the root device of the command line, mounts it and starts its init.
   * Understands root=, rootfstype=, rootflags=, rootwait=SECONDS, ro, rw and init=.
   *
   * @param drivers modules wanted, such as {@code virtio_pci}; built-in ones cost nothing
   * @throws ImagesException BAD_INPUT naming a driver that the kernel lacks
   */
  public static FileTree root(Path busybox, KernelModules modules, String... drivers) {
    List<KernelModules.Module> needed = modules.forLoading(drivers);
    FileTree.Builder tree =
        skeleton(busybox).directory("root").file("init", resource("root-init.sh"), 0755);
    tree.characterDevice("dev/console", 5, 1, 0600);
    StringBuilder order = new StringBuilder();
    for (KernelModules.Module module : needed) {
      tree.file(MODULES + module.name() + ".ko", module.elf(), 0644);
      order.append(module.name()).append('\n');
    }
    return tree.file("etc/modules", order.toString(), 0644).build();
  }

  /**
   * {@link #root(Path, KernelModules, String...)} for an ext4 file system on a virtio-blk PCI disk.
   */
  public static FileTree virtioBlkExt4Root(Path busybox, KernelModules modules) {
    return root(busybox, modules, "virtio_pci", "virtio_blk", "ext4");
  }

  /** A tree as an uncompressed cpio archive in memory, ready to be handed to a machine. */
  public static byte[] bytes(FileTree tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new CpioWriter(EPOCH_SECONDS).write(tree, out);
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.IO,
          "A file of the initramfs cannot be read: " + e.getMessage() + ".",
          e);
    }
    return out.toByteArray();
  }

  /** Writes a tree as an uncompressed cpio file, which a guest unpacks fastest. */
  public static void write(FileTree tree, Path file) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      new CpioWriter(EPOCH_SECONDS).write(tree, out);
    } catch (IOException e) {
      throw ImagesException.io("write", file, e);
    }
  }

  /**
   * Writes a tree as a gzip-compressed cpio file; its bytes depend on the deflater of this JDK too.
   */
  public static void writeGzip(FileTree tree, Path file) {
    try (OutputStream out =
        new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      new CpioWriter(EPOCH_SECONDS).write(tree, out);
    } catch (IOException e) {
      throw ImagesException.io("write", file, e);
    }
  }

  private static FileTree.Builder skeleton(Path busybox) {
    return FileTree.builder()
        .file(BUSYBOX, busybox, 0755)
        .directory("dev")
        .directory("proc")
        .directory("sys")
        .directory("lib/modules");
  }

  private static String resource(String name) {
    try (InputStream stream = Initramfs.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the module lacks its resource " + name, e);
    }
  }
}

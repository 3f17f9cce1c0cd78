package dev.monoceros.images.tool;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Suite;
import dev.monoceros.images.Tool;
import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.images.distro.ToolsImage;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ImagesTool kernel | busybox | libunicorn VERSION | tool NAME [ARGUMENT...]}: paths on
 * standard output, words on standard error.
 */
public final class ImagesTool {
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_FAILED = 1;

  private final PackageCache cache;
  private final PrintStream out;

  private ImagesTool(PackageCache cache, PrintStream out) {
    this.cache = cache;
    this.out = out;
  }

  /** Runs one command and ends the JVM with its status. */
  public static void main(String[] arguments) {
    CacheOptions options =
        CacheOptions.defaults()
            .withProgress(
                (phase, subject, done, total) ->
                    System.err.println(phase + " " + subject + " " + done + "/" + total));
    int status;
    try {
      status = new ImagesTool(PackageCache.open(options), System.out).run(arguments);
    } catch (ImagesException e) {
      System.err.println(e.getMessage());
      status = EXIT_FAILED;
    }
    System.exit(status);
  }

  private int run(String[] arguments) {
    String command = arguments.length == 0 ? "" : arguments[0];
    switch (command) {
      case "kernel" -> {
        Kernel kernel = cache.kernel();
        out.println(kernel.vmlinuz());
        out.println(kernel.modules());
      }
      case "busybox" -> out.println(cache.busybox().path());
      case "libunicorn" -> out.println(cache.libunicorn(arguments[1]).path());
      case "w1" ->
          Initramfs.write(Initramfs.w1(cache.busybox().path(), modules()), Path.of(arguments[1]));
      case "w1-gz" ->
          Initramfs.writeGzip(
              Initramfs.w1(cache.busybox().path(), modules()), Path.of(arguments[1]));
      case "initramfs" ->
          Initramfs.write(
              Initramfs.virtioBlkExt4Root(cache.busybox().path(), modules()),
              Path.of(arguments[1]));
      case "demo" ->
          DemoDisk.build(
              cache,
              modules(),
              "hello from the disk",
              Path.of(arguments[1]),
              arguments[1].endsWith(".qcow2") ? DiskTarget::qcow2 : DiskTarget::raw);
      case "debian" ->
          out.println(
              new DebianImage(
                      Suite.BOOKWORM,
                      KernelFlavour.CLOUD,
                      DebianImage.TOOLS,
                      DebianImage.DEFAULT_BYTES)
                  .obtain(cache));
      case "tools" ->
          out.println(new ToolsImage(Suite.BOOKWORM, ToolsImage.DEFAULT_BYTES).obtain(cache));
      case "tool" -> {
        return exec(tool(arguments[1]), Arrays.asList(arguments).subList(2, arguments.length));
      }
      default -> {
        System.err.println(
            "usage: kernel | busybox | libunicorn VERSION | w1 FILE | w1-gz FILE | initramfs FILE | demo FILE | debian | tools | tool NAME [ARGUMENT...]");
        return EXIT_USAGE;
      }
    }
    return 0;
  }

  private KernelModules modules() {
    Kernel kernel = cache.kernel();
    return new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));
  }

  private Tool tool(String name) {
    Oracles oracles = cache.oracles();
    return switch (name) {
      case "qemu-img" -> oracles.qemuImg();
      case "qemu-io" -> oracles.qemuIo();
      case "qemu-system-x86_64" -> oracles.qemuSystem();
      case "e2fsck" -> oracles.e2fsck();
      case "debugfs" -> oracles.debugfs();
      case "cpio" -> oracles.cpio();
      case "sfdisk" -> oracles.sfdisk();
      case "iasl" -> oracles.iasl();
      case "mke2fs" -> cache.imageTools().mke2fs();
      default ->
          throw new ImagesException(
              ImagesException.Kind.BAD_INPUT, "There is no tool " + name + ".");
    };
  }

  private static int exec(Tool tool, List<String> arguments) {
    try {
      return tool.process(arguments.toArray(String[]::new)).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.TOOL_FAILED,
          "Cannot start " + tool.name() + ": " + e.getMessage() + ".",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImagesException(
          ImagesException.Kind.TOOL_FAILED, tool.name() + " was interrupted.", e);
    }
  }
}

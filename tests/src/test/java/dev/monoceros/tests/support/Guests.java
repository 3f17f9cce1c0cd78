package dev.monoceros.tests.support;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import dev.monoceros.images.tree.FileTree;
import dev.monoceros.machine.MachineConfig;
import java.nio.file.Path;
import java.util.List;

/** What guests are made of, from the package cache in its usual place. */
public final class Guests {
  /** The command line of the reference workload W1. */
  public static final String W1_COMMAND_LINE =
      "console=ttyS0 nokaslr mitigations=off panic=-1 reboot=t";

  /** The reference libunicorn: runs on it repeat to the bit. */
  public static final String REFERENCE = "2.1.4";

  /** The other libunicorn that is supported. */
  public static final String ALTERNATIVE = "2.1.1";

  private static final PackageCache CACHE = PackageCache.open(CacheOptions.defaults());
  private static final long TEST_MEMORY = 256L << 20;

  private Guests() {}

  /** Gets what nearly every test needs, or throws what is missing. */
  static void require() {
    CACHE.kernel();
    CACHE.busybox();
    CACHE.libunicorn(REFERENCE);
  }

  /** The cache itself. */
  public static PackageCache cache() {
    return CACHE;
  }

  /** Somebody else's programs. */
  public static Oracles oracles() {
    return CACHE.oracles();
  }

  /** Debian 12's cloud kernel. */
  public static Kernel kernel() {
    return CACHE.kernel();
  }

  /** The modules of a kernel. */
  public static KernelModules modules(Kernel kernel) {
    return new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));
  }

  /** A machine of 256 MiB on the reference library with a kernel and an initramfs. */
  public static MachineConfig machine(Path kernel, Path initrd) {
    return MachineConfig.of(kernel)
        .withInitrds(List.of(initrd))
        .withCommandLine("console=ttyS0 panic=-1")
        .withMemoryBytes(TEST_MEMORY)
        .withLibraries(List.of(library(REFERENCE)));
  }

  /** One version of libunicorn. */
  public static Path library(String version) {
    return CACHE.libunicorn(version).path();
  }

  /** Writes W1's initramfs for a kernel. */
  public static Path w1Initrd(Kernel kernel, Path directory) {
    Path file = directory.resolve("w1-" + kernel.release() + ".cpio");
    Initramfs.write(Initramfs.w1(CACHE.busybox().path(), modules(kernel)), file);
    return file;
  }

  /** W1 on Debian 12's cloud kernel, as the benchmark runs it. */
  public static MachineConfig w1(Path directory) {
    Kernel kernel = kernel();
    return machine(kernel.vmlinuz(), w1Initrd(kernel, directory)).withCommandLine(W1_COMMAND_LINE);
  }

  /** Writes the initramfs that mounts the root file system of a virtio disk. */
  public static Path rootInitrd(Kernel kernel, Path directory) {
    Path file = directory.resolve("root-" + kernel.release() + ".cpio");
    Initramfs.write(Initramfs.virtioBlkExt4Root(CACHE.busybox().path(), modules(kernel)), file);
    return file;
  }

  /**
   * Writes an initramfs whose init mounts the usual things, loads drivers and goes on with a
   * script; the kernel panics if the script ends.
   *
   * @param drivers modules such as {@code virtio_blk}
   */
  public static Path scriptInitrd(Path directory, String script, String... drivers) {
    FileTree.Builder tree =
        FileTree.builder()
            .file("bin/busybox", CACHE.busybox().path(), 0755)
            .directory("proc")
            .directory("sys")
            .directory("tmp")
            .characterDevice("dev/console", 5, 1, 0600);
    StringBuilder init =
        new StringBuilder(
            """
            #!/bin/busybox sh
            /bin/busybox --install -s /bin
            export PATH=/bin
            mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
            """);
    for (KernelModules.Module module : modules(kernel()).withDependencies(drivers)) {
      String path = "lib/modules/" + module.name() + ".ko";
      tree.file(path, module.elf(), 0644);
      init.append("insmod /").append(path).append('\n');
    }
    Path file = directory.resolve("script.cpio");
    Initramfs.write(tree.file("init", init.append(script).toString(), 0755).build(), file);
    return file;
  }
}

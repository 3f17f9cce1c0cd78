package dev.monoceros.tests.bench;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.Tool;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.tests.support.ChildJvm;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.UnpackedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** W1 under Monoceros and under QEMU: same kernel, same initramfs, same command line. */
final class Subjects {
  private static final String MEMORY_MIB = "256";

  private final Path directory;
  private final Path kernel;
  private final Path initrd;

  /** Writes W1's initramfs into a directory. */
  Subjects(Path directory) {
    this.directory = directory;
    Kernel debian = Guests.kernel();
    kernel = debian.vmlinuz();
    initrd = directory.resolve("w1.cpio.gz");
    Initramfs.writeGzip(
        Initramfs.w1(Guests.cache().busybox().path(), Guests.modules(debian)), initrd);
  }

  /** The command {@code monoceros} with a version of libunicorn. */
  Subject monoceros(String version) {
    List<String> command = new ArrayList<>(launcher());
    command.addAll(
        List.of(
            "run",
            "-k",
            kernel.toString(),
            "-i",
            initrd.toString(),
            "-m",
            MEMORY_MIB,
            "--cmdline-only",
            "-p",
            Guests.W1_COMMAND_LINE,
            "--unicorn",
            Guests.library(version).toString()));
    return new Subject("monoceros, libunicorn " + version, command, Map.of());
  }

  /** QEMU's default machine, which boots the bzImage through its firmware. */
  Subject qemuPc() {
    return qemu("pc", kernel);
  }

  /**
   * QEMU's quickest machine, which jumps into the unpacked kernel. Without ACPI: with an initramfs
   * and 256 MiB the kernel would find broken ACPI tables there and spend a minute on them.
   */
  Subject qemuMicrovm() throws IOException {
    return qemu("microvm,acpi=off", UnpackedKernel.write(kernel, directory.resolve("vmlinux")));
  }

  private Subject qemu(String machine, Path boot) {
    Tool qemu = Guests.oracles().qemuSystem();
    List<String> command =
        qemu.commandLine(
            "-M",
            machine + ",accel=tcg",
            "-cpu",
            "Nehalem",
            "-m",
            MEMORY_MIB,
            "-nographic",
            "-no-reboot",
            "-nic",
            "none",
            "-kernel",
            boot.toString(),
            "-initrd",
            initrd.toString(),
            "-append",
            Guests.W1_COMMAND_LINE);
    return new Subject("QEMU 7.2 TCG -M " + machine, command, qemu.environment());
  }

  /** The command named by the property, else the repository's, else the main class in a new JVM. */
  private static List<String> launcher() {
    String named = System.getProperty("monoceros.command");
    if (named != null) {
      return List.of(named);
    }
    Path here = Path.of("").toAbsolutePath();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      Path command = folder.resolve("bin").resolve("monoceros");
      if (Files.isExecutable(command)) {
        return List.of(command.toString());
      }
    }
    return ChildJvm.command("dev.monoceros.cli.Main");
  }
}

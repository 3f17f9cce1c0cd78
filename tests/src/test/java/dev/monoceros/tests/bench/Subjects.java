package dev.monoceros.tests.bench;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.UnpackedKernel;
import java.io.IOException;
import java.nio.file.Path;

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
    return Launcher.monoceros(
        version,
        "-k",
        kernel.toString(),
        "-i",
        initrd.toString(),
        "-m",
        MEMORY_MIB,
        "--cmdline-only",
        "-p",
        Guests.W1_COMMAND_LINE);
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
    return Launcher.qemu(
        machine,
        "-m",
        MEMORY_MIB,
        "-kernel",
        boot.toString(),
        "-initrd",
        initrd.toString(),
        "-append",
        Guests.W1_COMMAND_LINE);
  }
}

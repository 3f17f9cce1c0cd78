package dev.monoceros.tests.bench;

import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.SystemdWorkload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * W2 as whole processes, exec to exit, alternating with QEMU's {@code -M pc}: as an initramfs, then
 * from a disk. Argument: number of runs (5).
 */
final class SystemdWorkloadBench {
  private static final int DEFAULT_RUNS = 5;
  private static final String MEMORY = Integer.toString(SystemdWorkload.MEMORY_MIB);

  private SystemdWorkloadBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path directory = Files.createTempDirectory("monoceros-bench");
    try {
      String kernel = Guests.kernel().vmlinuz().toString();
      System.out.println(Host.describe());
      initramfs(kernel).hold(runs);
      System.out.println();
      disk(kernel, Guests.rootInitrd(Guests.kernel(), directory).toString()).hold(runs);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static Contest initramfs(String kernel) {
    String initrd = SystemdWorkload.initramfs().toString();
    String line = SystemdWorkload.INITRAMFS_COMMAND_LINE;
    return contest(
        "W2 as an initramfs",
        ours(kernel, initrd, line),
        Launcher.qemu("pc", "-m", MEMORY, "-kernel", kernel, "-initrd", initrd, "-append", line));
  }

  private static Contest disk(String kernel, String initrd) {
    String disk = SystemdWorkload.disk().toString();
    String line = SystemdWorkload.DISK_COMMAND_LINE;
    return contest(
        "W2 from a QCOW2 disk",
        ours(kernel, initrd, line, "-d", disk + ",snapshot"),
        Launcher.qemu(
            "pc",
            "-m",
            MEMORY,
            "-kernel",
            kernel,
            "-initrd",
            initrd,
            "-append",
            line,
            "-drive",
            "file=" + disk + ",if=none,id=d,snapshot=on",
            "-device",
            "virtio-blk-pci,drive=d"));
  }

  private static List<Subject> ours(String kernel, String initrd, String line, String... more) {
    String[] fixed = {"-k", kernel, "-i", initrd, "-m", MEMORY, "--cmdline-only", "-p", line};
    String[] all = Arrays.copyOf(fixed, fixed.length + more.length);
    System.arraycopy(more, 0, all, fixed.length, more.length);
    return List.of(
        Launcher.monoceros(Guests.REFERENCE, all), Launcher.monoceros(Guests.ALTERNATIVE, all));
  }

  private static Contest contest(String what, List<Subject> ours, Subject peer) {
    return new Contest(
        what,
        ours,
        List.of(peer),
        SystemdWorkload.DONE,
        Contest.End.EXIT,
        timing ->
            timing.status() == 0
                && SystemdWorkload.ANSWERS.stream().allMatch(timing.output()::contains));
  }
}

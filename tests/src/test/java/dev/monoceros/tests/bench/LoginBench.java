package dev.monoceros.tests.bench;

import dev.monoceros.images.Suite;
import dev.monoceros.images.bootdisk.NoKernelException;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.tests.support.BootFiles;
import dev.monoceros.tests.support.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/**
 * Debian 12 with systemd from its QCOW2 disk to the login prompt, alternating with QEMU's {@code -M
 * q35}: from exec to the prompt on the console. Monoceros is given the disk alone; QEMU the kernel
 * and the initrd out of it, and the command line that Monoceros used. Argument: number of runs (5).
 */
final class LoginBench {
  private static final int DEFAULT_RUNS = 5;
  private static final String PROMPT = "debian login: ";
  private static final String AFTER_COMMAND_LINE = "] BIOS-provided physical RAM map";
  private static final String MEMORY_MIB = "512";
  private static final Pattern COMMAND_LINE = Pattern.compile("\\] Command line: ([^\r\n]*)");

  private LoginBench() {}

  public static void main(String[] arguments) throws IOException, NoKernelException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path image =
        new DebianImage(
                Suite.BOOKWORM, KernelFlavour.CLOUD, DebianImage.TOOLS, DebianImage.DEFAULT_BYTES)
            .obtain(Guests.cache());
    Path directory = Files.createTempDirectory("monoceros-bench");
    try {
      System.out.println(Host.describe());
      List<Subject> ours =
          List.of(monoceros(Guests.REFERENCE, image), monoceros(Guests.ALTERNATIVE, image));
      Matcher line =
          COMMAND_LINE.matcher(Timing.of(ours.getFirst(), AFTER_COMMAND_LINE, true).output());
      if (!line.find()) {
        throw new IOException("the guest's kernel does not tell its command line");
      }
      new Contest(
              "Debian 12, exec to login prompt",
              ours,
              List.of(q35(image, directory, line.group(1))),
              PROMPT,
              Contest.End.CUE,
              timing -> !timing.output().contains("FAILED"))
          .hold(runs);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static Subject monoceros(String version, Path image) {
    return Launcher.monoceros(version, "-d", image + ",snapshot", "-m", MEMORY_MIB);
  }

  private static Subject q35(Path image, Path directory, String line)
      throws IOException, NoKernelException {
    BootFiles boot = BootFiles.of(image, directory);
    return Launcher.qemu(
        "q35",
        "-m",
        MEMORY_MIB,
        "-drive",
        "file=" + image + ",if=none,id=d,snapshot=on",
        "-device",
        "virtio-blk-pci,drive=d",
        "-kernel",
        boot.kernel().toString(),
        "-initrd",
        boot.initrd().toString(),
        "-append",
        line);
  }
}

package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.tests.support.BootFiles;
import dev.monoceros.tests.support.ChildJvm;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.KernelLog;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.QemuGuest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole Debians, of which the command is told nothing but the disk: to the login prompt, through a
 * session at it, and to the end of {@code poweroff}.
 */
@ExtendWith(PackagesRequired.class)
@Tag("long")
@Timeout(3600)
class DistributionsTest {
  private static final String SESSION =
      """
      timeout 10m
      expect debian login: $
      send root
      expect # $
      send echo UNITS-BE''GIN; systemctl is-system-running --wait; systemctl --failed --no-legend --plain; echo UNITS-E''ND
      expect ^UNITS-END
      send printf '%s\\\\n' '#include <stdio.h>' 'int main(){printf("C-%d\\\\n",6*7);}' > a.c; gcc -Wall a.c; ./a.out
      expect ^C-42
      send echo VERIFIED-BE''GIN; dpkg --verify; echo VERIFIED-$?
      expect ^VERIFIED-\\d
      send dmesg -r; echo LOG-E''ND
      expect ^LOG-END
      send poweroff
      """;

  /** What terminals take for themselves: CSI and OSC sequences (ECMA-48), and returns. */
  private static final Pattern CONTROL =
      Pattern.compile(
          "\u001b\\[[?0-9;]*[a-zA-Z]|\u001b\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)|\r");

  private static final String QEMU_SESSION = " systemd.run=\"/bin/sh -c 'dmesg -r > /dev/ttyS0'\"";
  private static final long QEMU_SECONDS = 900;
  private static final String MEMORY_MIB = "1024";
  private static final long PARTITION_AT = 1 << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"BOOKWORM,CLOUD", "BOOKWORM,GENERIC", "FORKY,CLOUD", "FORKY,GENERIC"})
  void theDiskAloneBootsToALoginThatWorksAndIsLeftClean(Suite suite, KernelFlavour kernel)
      throws Exception {
    Path image =
        new DebianImage(suite, kernel, DebianImage.TOOLS, DebianImage.DEFAULT_BYTES)
            .obtain(Guests.cache());
    Path disk = Files.copy(image, directory.resolve("debian.qcow2"));
    assertThat(disk.toFile().setWritable(true)).isTrue();

    String said = session(disk);

    assertThat(between(said, "UNITS-BEGIN", "UNITS-END")).as(said).containsExactly("running");
    assertThat(between(said, "VERIFIED-BEGIN", "VERIFIED-0")).as(said).isEmpty();
    assertThat(said).contains("reboot: Power down");
    requireClean(disk);
    KernelLog log = KernelLog.of(said);
    KernelLog theirs = KernelLog.of(underQemu(image));
    assertThat(log.lines()).hasSizeGreaterThan(300);
    assertThat(theirs.lines()).hasSizeGreaterThan(300);
    assertThat(log.warningsBeyond(theirs)).isEmpty();
  }

  /** What the guest said, without control sequences; fails unless the command ended with 0. */
  private String session(Path disk) throws IOException, InterruptedException {
    Path script = Files.writeString(directory.resolve("session"), SESSION);
    List<String> command =
        ChildJvm.command(
            "dev.monoceros.cli.Main",
            "run",
            "-d",
            disk.toString(),
            "-m",
            MEMORY_MIB,
            "--script",
            script.toString());
    Path words = directory.resolve("words");
    Process process = new ProcessBuilder(command).redirectError(words.toFile()).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said + Files.readString(words)).isZero();
    return CONTROL.matcher(said).replaceAll("");
  }

  private static List<String> between(String said, String begin, String end) {
    List<String> lines = said.lines().toList();
    int from = lines.indexOf(begin);
    int to = lines.indexOf(end);
    assertThat(List.of(from, to)).as(said).doesNotContain(-1).isSorted();
    return lines.subList(from + 1, to);
  }

  private void requireClean(Path disk) throws IOException {
    Images.requireClean(disk);
    Path raw = Images.rawByQemu(disk, directory.resolve("raw"));
    // One partition, between the two copies of the GPT.
    Images.requireCleanExt4(raw, PARTITION_AT, Files.size(raw) - 2 * PARTITION_AT);
    Files.delete(raw);
  }

  private String underQemu(Path image) throws Exception {
    BootFiles boot = BootFiles.of(image, directory);
    List<String> options = new ArrayList<>(List.of("-cpu", "Nehalem", "-m", MEMORY_MIB));
    options.addAll(
        List.of("-kernel", boot.kernel().toString(), "-initrd", boot.initrd().toString()));
    options.addAll(List.of("-append", boot.commandLine() + " console=ttyS0" + QEMU_SESSION));
    options.addAll(List.of("-drive", "if=virtio,snapshot=on,format=qcow2,file=" + image));
    return QemuGuest.run("q35", options, QEMU_SECONDS);
  }
}

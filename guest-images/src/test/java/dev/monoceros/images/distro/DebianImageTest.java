package dev.monoceros.images.distro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Suite;
import dev.monoceros.images.ToolRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole Debian, looked at by qemu-img, sfdisk, e2fsck and Debian's own dpkg and systemd. */
@ExtendWith(AptRequired.class)
@Tag("long")
@Timeout(3600)
class DebianImageTest {
  private static final long BYTES = 2L << 30;

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private final Oracles oracles = cache.oracles();

  @Test
  void twoBuildsGiveTheSameCleanDiskWhoeverMakesThem() throws IOException {
    DebianImage image = new DebianImage(Suite.BOOKWORM, KernelFlavour.CLOUD, List.of(), BYTES);
    Path first = build(image, Confinement.USER, "one");
    // Root installs without fakeroot; others repeat what they did.
    Confinement other = isRoot() ? Confinement.ROOT : Confinement.USER;
    Path second = build(image, other, "two/deeper");

    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    DiskChecks.requireClean(oracles, first, temporary);
  }

  @Test
  void itRunsWithoutAFailedUnitAndAsItsPackagesLeftIt() throws Exception {
    DebianImage image =
        new DebianImage(Suite.BOOKWORM, KernelFlavour.CLOUD, DebianImage.TOOLS, BYTES);
    Path disk = build(image, Confinement.ofThisHost(), "boot");

    try (SerialGuest guest = boot(disk)) {
      assertThat(guest.await("debian login: ")).contains("root: clean").doesNotContain("FAILED");
      guest.type("root\n");
      guest.await("# ");
      guest.type(
          "systemctl is-system-running --wait; systemctl --failed --no-legend --plain;"
              + " dpkg --verify; dpkg --audit;"
              + " printf '%s' 'int main(){puts(\"compiled\");}' > a.c;"
              + " gcc -w -include stdio.h a.c && ./a.out; python3 -c 'print(6*7)';"
              + " rm a.c a.out; echo EN''D\n");
      String said = guest.await("END\r\n");
      guest.type("poweroff\n");
      String answers =
          said.substring(said.indexOf("EN''D") + "EN''D".length())
              .replaceAll("\u001b\\[[?0-9;]*[a-zA-Z]|\r", "");
      assertThat(answers.lines().filter(line -> !line.isBlank()))
          .containsExactly("running", "compiled", "42");
      assertThat(guest.rest()).contains("reboot: Power down");
    }
    DiskChecks.requireClean(oracles, disk, temporary);
  }

  @Test
  void whatDoesNotFitIsToldInOneSentence() throws IOException {
    DebianImage image =
        new DebianImage(
            Suite.BOOKWORM, KernelFlavour.CLOUD, DebianImage.TOOLS, DebianImage.LEAST_BYTES);

    assertThatThrownBy(() -> build(image, Confinement.ofThisHost(), "small"))
        .isInstanceOf(ImagesException.class)
        .hasMessageStartingWith("mke2fs could not make ")
        .hasMessageContaining("Could not allocate block");
  }

  private Path build(DebianImage image, Confinement confinement, String name) throws IOException {
    Path directory = Files.createDirectories(temporary.resolve(name));
    Path disk = directory.resolve("debian.qcow2");
    Path work = Files.createDirectory(directory.resolve("work"));
    image.build(cache, confinement, disk, work);
    return disk;
  }

  private SerialGuest boot(Path disk) throws IOException {
    Path partition = DiskChecks.partition(oracles, disk, temporary);
    Path kernel = extract(partition, "/boot/vmlinuz-" + cache.kernel().release());
    Path initrd = extract(partition, "/boot/initrd.img-" + cache.kernel().release());
    return SerialGuest.start(
        oracles
            .qemuSystem()
            .process(
                "-M",
                "q35,accel=tcg",
                "-m",
                "1024",
                "-display",
                "none",
                "-serial",
                "stdio",
                "-no-reboot",
                "-nic",
                "none",
                "-drive",
                "file=" + disk + ",format=qcow2,if=virtio",
                "-kernel",
                kernel.toString(),
                "-initrd",
                initrd.toString(),
                "-append",
                "console=ttyS0 panic=-1 root=/dev/vda1 ro"));
  }

  private Path extract(Path partition, String name) {
    Path into = temporary.resolve(Path.of(name).getFileName().toString());
    ToolRun.output(oracles.debugfs(), "-R", "dump " + name + " " + into, partition.toString());
    return into;
  }

  private static boolean isRoot() throws IOException {
    return new String(
            new ProcessBuilder("id", "-u").start().getInputStream().readAllBytes(),
            StandardCharsets.US_ASCII)
        .strip()
        .equals("0");
  }
}

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
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The tools disk, looked at by qemu-img, sfdisk and e2fsck, and booted by QEMU. */
@ExtendWith(AptRequired.class)
@Timeout(600)
class ToolsImageTest {
  private static final ToolsImage IMAGE = new ToolsImage(Suite.BOOKWORM, 256L << 20);

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private final Oracles oracles = cache.oracles();

  @Test
  void twoBuildsInDifferentPlacesGiveTheSameCleanDisk() throws IOException {
    Path first = build("one");
    Path second = build("two/deeper");

    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    DiskChecks.requireClean(oracles, first, temporary);
  }

  @Test
  void everyToolRunsInTheGuestAndWhatTheyWroteIsClean() throws IOException {
    Path disk = build("boot");
    String said =
        boot(
            disk,
            "fio --name=a --rw=randwrite --size=2m --filename=/root/f --verify=crc32c | grep err=;"
                + " lsblk -ndo NAME /dev/vda; e2fsck -V; hdparm -V; sfdisk --version; losetup -V;"
                + " modprobe loop && echo loop is there; vi --help; exit 7");

    assertThat(said)
        .contains(": err= 0: ", "vda\r\n", "e2fsck 1.47", "hdparm v9", "sfdisk from util-linux")
        .contains("losetup from util-linux", "loop is there", "BusyBox", "TOOLS-EXIT 7")
        .contains("reboot: Power down")
        .doesNotContain("not found", "TOOLS-FAILED", "error while loading shared libraries");
    DiskChecks.requireClean(oracles, disk, temporary);
  }

  @Test
  void aDiskOfNoPossibleSizeIsRefused() {
    assertThatThrownBy(() -> new ToolsImage(Suite.BOOKWORM, (256L << 20) - 1))
        .isInstanceOf(ImagesException.class)
        .hasMessage(
            "This disk needs a size of at least 256 MiB and a whole number of MiB, which 268435455"
                + " bytes are not.");
  }

  private Path build(String name) throws IOException {
    Path directory = Files.createDirectories(temporary.resolve(name));
    Path image = directory.resolve("tools.qcow2");
    IMAGE.build(cache, image, directory);
    return image;
  }

  private String boot(Path disk, String command) throws IOException {
    Path partition = DiskChecks.partition(oracles, disk, temporary);
    String release = cache.kernel().release();
    Path kernel = extract(partition, "/boot/vmlinuz-" + release);
    Path initrd = extract(partition, "/boot/initrd.img-" + release);
    return ToolRun.output(
        oracles.qemuSystem(),
        "-M",
        "pc,accel=tcg",
        "-m",
        "256",
        "-nographic",
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
        "console=ttyS0 panic=-1 root=/dev/vda1 MONOCEROS_RUN=\"" + command + "\"");
  }

  private Path extract(Path partition, String name) {
    Path into = temporary.resolve(Path.of(name).getFileName().toString());
    ToolRun.output(oracles.debugfs(), "-R", "dump " + name + " " + into, partition.toString());
    return into;
  }
}

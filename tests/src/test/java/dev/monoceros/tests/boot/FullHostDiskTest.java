package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.tests.support.GuestProcess;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The host's disk is full: the shell's limit of file sizes stands in for it, since an ordinary user
 * can mount no small file system.
 */
@ExtendWith(PackagesRequired.class)
class FullHostDiskTest {
  private static final int MIB = 1 << 20;
  private static final String SCRIPT =
      """
      dd if=/dev/urandom of=/tmp/kept bs=1M count=4 2>/dev/null
      dd if=/tmp/kept of=/dev/vda bs=1M oflag=direct conv=fsync 2>/dev/null || echo EARLY-FAILURE
      echo "KEPT $(md5sum < /tmp/kept)"
      dd if=/dev/zero bs=1M count=32 2>/dev/null | tr '\\0' x \
        | dd of=/dev/vda bs=1M seek=4 iflag=fullblock oflag=direct || echo LATE-FAILURE
      echo "READ $(dd if=/dev/vda bs=1M count=4 iflag=direct 2>/dev/null | md5sum)"
      poweroff -f
      """;

  @TempDir Path directory;

  @Test
  void theGuestGetsAnErrorTheRunEndsAsAnImageErrorAndNothingWrittenBeforeIsLost() throws Exception {
    Path disk = Images.qcow2(directory.resolve("disk.qcow2"), 64L * MIB);
    Path initrd = Guests.scriptInitrd(directory, SCRIPT, "virtio_pci", "virtio_blk");

    String said = GuestProcess.runWithFileLimit(16L * MIB, Guests.kernel().vmlinuz(), initrd, disk);

    assertThat(said)
        .contains("LATE-FAILURE", "I/O error", "reboot: Power down", "VERDICT IMAGE_ERROR")
        .contains("DETAIL " + disk)
        .doesNotContain("EARLY-FAILURE");
    Matcher kept = Pattern.compile("KEPT ([0-9a-f]{32})").matcher(said);
    assertThat(kept.find()).as(said).isTrue();
    assertThat(said).contains("READ " + kept.group(1));
    assertThat(Files.size(disk)).isLessThanOrEqualTo(16L * MIB);
    requireNothingLost(disk, kept.group(1));
  }

  private void requireNothingLost(Path disk, String md5) throws IOException {
    String check =
        Images.output(Guests.oracles().qemuImg(), "check", "-f", "qcow2", disk.toString());
    assertThat(check).contains("No errors were found on the image.");
    Path start = directory.resolve("start.raw");
    Images.output(
        Guests.oracles().qemuImg(),
        "dd",
        "-f",
        "qcow2",
        "-O",
        "raw",
        "bs=1M",
        "count=4",
        "if=" + disk,
        "of=" + start);
    assertThat(Images.digest("MD5", start)).isEqualTo(md5);
  }
}

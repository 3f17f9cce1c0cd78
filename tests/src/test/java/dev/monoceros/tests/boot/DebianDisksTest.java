package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.BootFiles;
import dev.monoceros.tests.support.Dialogue;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.LinuxDisks;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kind of disk in a whole Debian, with its own tools: what {@link LinuxBlockTest} does in an
 * initramfs, and limits of I/O in the guest's time.
 */
@ExtendWith(PackagesRequired.class)
@Tag("long")
@Timeout(3600)
class DebianDisksTest {
  private static final long MIB = 1 << 20;
  private static final long DISK_BYTES = 64 * MIB;
  private static final long LIMIT_SECONDS = 1800;
  private static final int REQUESTS_A_SECOND = 100;
  private static final int REQUESTS = 300;
  private static final Pattern LIMITED = Pattern.compile("(?m)^LIMITED (\\d+)$");

  private static final String LIMITS =
      """
      a=$(date +%%s%%N)
      dd if=/dev/%s of=/dev/null bs=4k count=%d iflag=direct 2> /dev/null || echo "WRONG dd"
      echo "LIMITED $(( ($(date +%%s%%N) - a) / 1000000 ))"
      """;

  /** {@code hdparm -F} is for ATA and not there under QEMU's virtio-blk either. */
  private static final String TOOLS =
      """
      lsblk -b -D -n -o NAME,DISC-GRAN,DISC-MAX /dev/vda
      hdparm -f /dev/vda > /tmp/flush 2>&1
      grep -q "BLKFLSBUF failed" /tmp/flush && echo "WRONG hdparm -f" || echo FLUSHED
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"BOOKWORM", "FORKY"})
  void everyKindOfDiskWorksWithADebiansOwnTools(Suite suite) throws Exception {
    List<DiskSpec> disks = new ArrayList<>();
    for (LinuxDisks.Case one : LinuxDisks.cases()) {
      Path image = Images.qcow2(directory.resolve(disks.size() + ".qcow2"), DISK_BYTES);
      disks.add(DiskSpec.of(image).withSettings(one.ours()));
    }
    int kinds = disks.size();
    disks.add(
        DiskSpec.memory(DISK_BYTES)
            .withSettings(Map.of("throttling.iops-total", Integer.toString(REQUESTS_A_SECOND))));
    String script =
        of(LinuxDisks.USE, kinds)
            + of(LinuxDisks.FIO.replace("SIZE", "1m"), 3)
            + TOOLS
            + LIMITS.formatted(LinuxDisks.name(kinds), REQUESTS)
            + LinuxDisks.EXT4;

    String said = run(suite, script, disks);

    assertThat(said).doesNotContain("WRONG").contains("FLUSHED", "TRIMMED", "KEPT");
    for (int i = 0; i < kinds; i++) {
      assertThat(said).contains(LinuxDisks.name(i) + " USED ");
      Images.requireClean(disks.get(i).file().orElseThrow());
    }
    for (int i = 0; i < 3; i++) {
      assertThat(said).contains(LinuxDisks.name(i) + " VERIFIED 0");
    }
    Matcher limited = LIMITED.matcher(said);
    assertThat(limited.find()).as(said).isTrue();
    long expected = 1000L * REQUESTS / REQUESTS_A_SECOND;
    assertThat(Long.parseLong(limited.group(1)))
        .as("ms of the guest for %d requests", REQUESTS)
        .isBetween(expected * 8 / 10, expected * 12 / 10);
  }

  /** The script for the first {@code count} disks alone. */
  private static String of(String script, int count) {
    String last = LinuxDisks.name(count - 1);
    return script.replace("/sys/block/vd?", "/sys/block/vd[a-" + last.charAt(2) + "]");
  }

  /** Runs the script in place of a login, from a disk of its own; gives what it wrote. */
  private String run(Suite suite, String script, List<DiskSpec> disks) throws Exception {
    Path root =
        new DebianImage(suite, KernelFlavour.CLOUD, DebianImage.TOOLS, DebianImage.DEFAULT_BYTES)
            .obtain(Guests.cache());
    Path files = Files.createDirectory(directory.resolve("files"));
    Files.writeString(files.resolve("script"), script);
    Path carrier = directory.resolve("files.raw");
    Images.output(
        Guests.oracles().mke2fs(),
        "-q",
        "-t",
        "ext4",
        "-d",
        files.toString(),
        carrier.toString(),
        "64M");
    BootFiles boot = BootFiles.of(root, directory);
    List<DiskSpec> all = new ArrayList<>(disks);
    String name = LinuxDisks.name(all.size());
    all.add(disk(carrier, Optional.of(DiskSpec.Format.RAW), false));
    all.add(disk(root, Optional.empty(), true));
    String run =
        " systemd.run=\"/bin/sh -c 'mount -o remount,rw /; mount /dev/"
            + name
            + " /media; sh /media/script > /media/said 2>&1; sync'\"";
    Run done =
        Run.of(
            Guests.machine(boot.kernel(), boot.initrd())
                .withCommandLine(boot.commandLine() + " console=ttyS0 panic=-1" + run)
                .withMemoryBytes(1024 * MIB)
                .withDisks(all),
            Dialogue.silent(),
            LIMIT_SECONDS);
    assertThat(done.result().verdict()).as(done::tail).isEqualTo(Verdict.PASS);
    return Images.output(Guests.oracles().debugfs(), "-R", "cat /said", carrier.toString());
  }

  private static DiskSpec disk(Path file, Optional<DiskSpec.Format> format, boolean snapshot) {
    return new DiskSpec(
        file, format, false, snapshot, Optional.empty(), OptionalLong.empty(), false);
  }
}

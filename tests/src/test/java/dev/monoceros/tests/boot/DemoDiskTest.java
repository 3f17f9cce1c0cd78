package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineConfig.ExpectThen;
import dev.monoceros.machine.MachineConfig.OnReset;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A root file system on a QCOW2 disk, behind our own virtio-blk device. */
@ExtendWith(PackagesRequired.class)
class DemoDiskTest {
  private static final String TEXT = "a text that only this test knows";
  private static final long PARTITION_START = 1 << 20;
  private static final String EXT4_MOUNTED = "EXT4-fs (vda1): mounted filesystem";

  @TempDir Path directory;
  private Path disk;
  private Path initrd;

  @BeforeEach
  void build() {
    Kernel kernel = Guests.kernel();
    disk = directory.resolve("demo.qcow2");
    DemoDisk.build(Guests.cache(), Guests.modules(kernel), TEXT, disk, DiskTarget::qcow2);
    initrd = Guests.rootInitrd(kernel, directory);
  }

  private MachineConfig config(DiskSpec spec) {
    return Guests.machine(Guests.kernel().vmlinuz(), initrd)
        .withCommandLine("console=ttyS0 panic=-1 root=/dev/vda1")
        .withDisks(List.of(spec));
  }

  private MachineConfig config() {
    return config(DiskSpec.of(disk));
  }

  private void requireClean() throws IOException {
    Images.requireClean(disk);
    Path raw = Images.rawByQemu(disk, directory.resolve("demo.raw"));
    Images.requireCleanExt4(raw, PARTITION_START, DemoDisk.ROOT_BYTES);
  }

  @Test
  void aSecondBootFindsTheFileThatTheFirstWroteAndSyncedAndAllIsCleanInBetween() throws Exception {
    Run first = Run.of(config());

    assertThat(first.result().verdict()).as(first::tail).isEqualTo(Verdict.PASS);
    assertThat(first.console())
        .contains(EXT4_MOUNTED, "DEMO-OK " + TEXT + "\r\n", "DEMO-BOOT 1\r\n")
        .doesNotContain("DEMO-EARLIER", "DEMO-FAILED", "I/O error");
    DiskStats stats = first.result().disks().getFirst();
    assertThat(stats.name()).isEqualTo("vda");
    assertThat(stats.failed()).isZero();
    assertThat(stats.reads()).isPositive();
    assertThat(stats.writes()).isPositive();
    assertThat(stats.flushes()).isPositive();
    assertThat(stats.bytesRead()).isGreaterThan(Files.size(Guests.cache().busybox().path()));
    assertThat(stats.bytesWritten()).isGreaterThanOrEqualTo(4096);
    requireClean();

    Run second = Run.of(config());

    assertThat(second.result().verdict()).as(second::tail).isEqualTo(Verdict.PASS);
    assertThat(second.console())
        .contains(
            EXT4_MOUNTED,
            "DEMO-OK " + TEXT,
            "DEMO-EARLIER written by boot 1\r\n",
            "DEMO-BOOT 2\r\n")
        .doesNotContain("recovery complete", "DEMO-FAILED");
    requireClean();
  }

  @Test
  void twoRunsOnEqualImagesGiveTheSameConsoleCountersAndImage() throws Exception {
    Path copy = Files.copy(disk, directory.resolve("copy.qcow2"));

    Run one = Run.of(config());
    Run other = Run.of(config(DiskSpec.of(copy)));

    assertThat(other).isEqualTo(one);
    assertThat(Files.mismatch(disk, copy)).as("first byte that differs").isEqualTo(-1);
  }

  @Test
  void aSnapshotLeavesTheImageAsItIsAndTheNextBootFindsNothing() throws Exception {
    String before = Images.digest("SHA-256", disk);
    DiskSpec snapshot =
        new DiskSpec(disk, Optional.empty(), false, true, Optional.empty(), OptionalLong.empty());

    for (int i = 0; i < 2; i++) {
      Run run = Run.of(config(snapshot));
      assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
      assertThat(run.console()).contains("DEMO-BOOT 1").doesNotContain("DEMO-EARLIER");
      assertThat(run.result().disks().getFirst().writes()).isPositive();
      assertThat(Images.digest("SHA-256", disk)).isEqualTo(before);
    }
  }

  @Test
  void aReadOnlyDiskCannotBeWrittenAndSaysSo() throws Exception {
    String before = Images.digest("SHA-256", disk);
    DiskSpec readOnly =
        new DiskSpec(disk, Optional.empty(), true, false, Optional.empty(), OptionalLong.empty());

    Run run = Run.of(config(readOnly));

    assertThat(run.console()).as(run::tail).contains("DEMO-OK " + TEXT, "DEMO-FAILED cannot write");
    assertThat(run.result().verdict()).as("its init gave up").isEqualTo(Verdict.PANIC);
    assertThat(run.result().disks().getFirst().writes()).isZero();
    assertThat(Images.digest("SHA-256", disk)).isEqualTo(before);
  }

  @Test
  void followedRebootsKeepTheDiskAndItsLockUntilTheExpectedLine() throws Exception {
    Run run =
        Run.of(
            config()
                .withCommandLine("console=ttyS0 panic=-1 root=/dev/vda1 demo.end=reboot")
                .withOnReset(OnReset.REBOOT)
                .withExpect(Pattern.compile("^DEMO-BOOT 3"), ExpectThen.POWEROFF));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.result().boots()).isEqualTo(3);
    assertThat(run.console())
        .contains("DEMO-EARLIER written by boot 1", "DEMO-EARLIER written by boot 2");
    Images.requireClean(disk);
  }

  @Test
  void theOtherLibraryBootsTheDiskToo() throws Exception {
    Run run = Run.of(config().withLibraries(List.of(Guests.library(Guests.ALTERNATIVE))));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains(EXT4_MOUNTED, "DEMO-OK " + TEXT);
    requireClean();
  }
}

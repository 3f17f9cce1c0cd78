package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.block.FaultPlan;
import dev.monoceros.machine.block.FaultRule;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Linux on disks that are no plain image: in memory, covered by a snapshot, with faults. */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class DiskBackendsTest {
  /** Behind all metadata that the small file system has at its start. */
  private static final String LAST_QUARTER = "@sector:100352-";

  @TempDir Path directory;

  private MachineConfig config(String script, DiskSpec... disks) {
    return Guests.machine(
            Guests.kernel().vmlinuz(),
            Guests.scriptInitrd(directory, script, "virtio_pci", "virtio_blk", "ext4"))
        .withDisks(List.of(disks));
  }

  private Path demoDisk() {
    Path disk = directory.resolve("demo.qcow2");
    DemoDisk.build(
        Guests.cache(), Guests.modules(Guests.kernel()), "text", disk, DiskTarget::qcow2);
    return disk;
  }

  private static DiskSpec snapshot(Path image) {
    return new DiskSpec(
        image, Optional.empty(), false, true, Optional.empty(), OptionalLong.empty());
  }

  private static FaultPlan faults(String... rules) {
    return new FaultPlan(
        1, Arrays.stream(rules).map(text -> FaultRule.parse(text, Long::parseLong)).toList());
  }

  @Test
  void ext4SeesTheErrorsThatAreInjectedAndTheSameRunHasThemAgain() throws Exception {
    MachineConfig config =
        config(
            """
            mkdir /mnt; mount -t ext4 /dev/vda1 /mnt && echo MOUNTED
            dd if=/dev/zero of=/mnt/large bs=64k count=700 conv=fsync 2>&1 | tail -1
            poweroff -f
            """,
            snapshot(demoDisk()).withFaults(faults("write:error" + LAST_QUARTER)));

    Run run = Run.of(config);

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("MOUNTED")
        .containsPattern("I/O error, dev vda, sector \\d+ op 0x1:\\(WRITE\\)")
        .contains("EXT4-fs warning (device vda1): ext4_end_bio")
        .containsPattern("dd: .*(Input/output error|I/O error)");
    assertThat(run.result().disks().getFirst().failed()).isPositive();
    assertThat(Run.of(config)).as("faults repeat to the bit").isEqualTo(run);
  }

  @Test
  void aSlowDiskIsSlowInTheGuestsTimeAlone() throws Exception {
    String script =
        """
        start=$(cut -d' ' -f1 /proc/uptime)
        dd if=/dev/vda of=/dev/null bs=4k count=20 iflag=direct 2>/dev/null
        echo TOOK $start $(cut -d' ' -f1 /proc/uptime)
        poweroff -f
        """;
    DiskSpec plain = DiskSpec.memory(1 << 20);
    DiskSpec slow = plain.withFaults(faults("read:delay=500000000@every:2"));

    double usual = seconds(Run.of(config(script, plain)));
    double taken = seconds(Run.of(config(script, slow)));

    assertThat(usual).isLessThan(0.5);
    assertThat(taken - usual).isBetween(4.9, 5.5);
  }

  private static double seconds(Run run) {
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    String line = run.console().lines().filter(l -> l.startsWith("TOOK")).findFirst().orElseThrow();
    String[] words = line.strip().split(" ");
    return Double.parseDouble(words[2]) - Double.parseDouble(words[1]);
  }

  @Test
  void aDiskInMemoryOfAnySizeKeepsWhatLinuxWritesUntilItIsDiscarded() throws Exception {
    Run run =
        Run.of(
            config(
                """
                echo SIZE $(cat /sys/block/vda/size) $(cat /sys/block/vda/queue/discard_granularity)
                dd if=/dev/urandom of=/tmp/data bs=64k count=64 2>/dev/null
                dd if=/tmp/data of=/dev/vda bs=64k seek=10000000 oflag=direct 2>/dev/null
                dd if=/dev/vda of=/tmp/read bs=64k skip=10000000 count=64 iflag=direct 2>/dev/null
                cmp /tmp/data /tmp/read && echo SAME
                blkdiscard -o 655360000000 -l 4194304 /dev/vda
                dd if=/dev/vda of=/tmp/read bs=64k skip=10000000 count=64 iflag=direct 2>/dev/null
                dd if=/dev/zero of=/tmp/data bs=64k count=64 2>/dev/null
                cmp /tmp/data /tmp/read && echo ZEROS
                poweroff -f
                """,
                DiskSpec.memory(1L << 40)));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains("SIZE 2147483648 4096", "SAME", "ZEROS");
  }

  @Test
  void whatLinuxWritesAndDiscardsUnderASnapshotLeavesTheImageAlone() throws Exception {
    Path disk = demoDisk();
    String before = Images.digest("SHA-256", disk);
    Run run =
        Run.of(
            config(
                """
                mkdir /mnt; mount -t ext4 -o discard /dev/vda1 /mnt && echo MOUNTED
                dd if=/dev/urandom of=/mnt/large bs=64k count=400 2>/dev/null; sync
                sum=$(md5sum < /mnt/large); echo 3 > /proc/sys/vm/drop_caches
                [ "$sum" = "$(md5sum < /mnt/large)" ] && echo SAME
                rm /mnt/large; sync; umount /mnt; blkdiscard -o 33554432 -l 1048576 /dev/vda
                echo DISCARDED
                poweroff -f
                """,
                snapshot(disk)));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains("MOUNTED", "SAME", "DISCARDED").doesNotContain("I/O error");
    assertThat(run.result().disks().getFirst().otherRequests()).isPositive();
    assertThat(Images.digest("SHA-256", disk)).isEqualTo(before);
  }
}

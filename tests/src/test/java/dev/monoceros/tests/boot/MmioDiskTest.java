package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A disk behind memory-mapped registers, found in the DSDT and driven by Linux's virtio_mmio. */
@ExtendWith(PackagesRequired.class)
class MmioDiskTest {
  private static final String TEXT = "a text behind registers";
  private static final long PARTITION_START = 1 << 20;

  @TempDir Path directory;
  private Path disk;

  @BeforeEach
  void build() {
    disk = directory.resolve("demo.qcow2");
    DemoDisk.build(Guests.cache(), Guests.modules(Guests.kernel()), TEXT, disk, DiskTarget::qcow2);
  }

  private MachineConfig config(String script, List<DiskSpec> disks) {
    return Guests.machine(
            Guests.kernel().vmlinuz(),
            Guests.scriptInitrd(
                directory, script, "virtio_mmio", "virtio_pci", "virtio_blk", "ext4"))
        .withDisks(disks);
  }

  @Test
  void linuxMountsAFileSystemBehindRegistersAndWhatItWritesIsThere() throws Exception {
    Run run =
        Run.of(
            config(
                """
                cat /proc/iomem | grep LNRO0005
                grep virtio /proc/interrupts
                readlink /sys/block/vda
                mkdir /mnt; mount -t ext4 /dev/vda1 /mnt && echo MOUNTED
                dd if=/dev/urandom of=/mnt/random bs=64k count=64 2>/dev/null
                sum=$(md5sum < /mnt/random); sync; echo 3 > /proc/sys/vm/drop_caches
                [ "$sum" = "$(md5sum < /mnt/random)" ] && echo SAME-AFTER-DROP
                umount /mnt
                poweroff -f
                """,
                List.of(DiskSpec.of(disk).withTransport(DiskSpec.Transport.MMIO))));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("LNRO0005:00", "MOUNTED\r\n", "SAME-AFTER-DROP")
        .containsPattern("5: .* IO-APIC +5-fasteoi +virtio0")
        .doesNotContain("I/O error", "nobody cared", "Spurious");
    DiskStats stats = run.result().disks().getFirst();
    assertThat(stats.bytesWritten()).isGreaterThanOrEqualTo(64 * 65536);
    assertThat(stats.failed()).isZero();
    Images.requireClean(disk);
    Path raw = Images.rawByQemu(disk, directory.resolve("demo.raw"));
    Images.requireCleanExt4(raw, PARTITION_START, DemoDisk.ROOT_BYTES);
  }

  @Test
  void disksOnBothTransportsShareAMachineAndMmioDisksShareAnInterrupt() throws Exception {
    Path second = Images.qcow2(directory.resolve("second.qcow2"), 8 << 20);
    Path third = Images.qcow2(directory.resolve("third.qcow2"), 16 << 20);
    MachineConfig config =
        config(
            """
            for d in /sys/block/vd?; do echo "$(cat $d/size) $(readlink $d | grep -o 'LNRO0005:0.\\|pci0000')"; done
            for d in vda vdb vdc; do dd if=/dev/$d of=/dev/null bs=1M count=4 iflag=direct 2>/dev/null & done
            wait; echo ALL-READ
            poweroff -f
            """,
            List.of(
                DiskSpec.of(second).withTransport(DiskSpec.Transport.MMIO),
                DiskSpec.of(disk),
                DiskSpec.of(third).withTransport(DiskSpec.Transport.MMIO)));
    Run run = Run.of(config);

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("16384 LNRO0005:00", "32768 LNRO0005:01", "pci0000", "ALL-READ")
        .doesNotContain("nobody cared");
    assertThat(Run.of(config)).as("a second run is the same to the bit").isEqualTo(run);
  }
}

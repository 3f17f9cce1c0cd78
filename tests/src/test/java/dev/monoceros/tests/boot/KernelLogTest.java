package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.KernelLog;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.QemuGuest;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel warns of here, it warns of under QEMU. */
@ExtendWith(PackagesRequired.class)
@Timeout(600)
class KernelLogTest {
  private static final String SCRIPT =
      """
      mkdir -p /disk; mount -o ro /dev/vda1 /disk; cat /disk/etc/hostname > /dev/null; umount /disk
      dmesg -r
      echo "MELTDOWN $(cat /sys/devices/system/cpu/vulnerabilities/meltdown)"
      echo INTERRUPTS; cat /proc/interrupts
      poweroff -f
      """;

  private static final String[] DRIVERS = {"virtio_pci", "virtio_blk", "ext4"};
  private static final String COMMAND_LINE = "console=ttyS0 panic=-1 quiet";

  @TempDir Path directory;

  @Test
  void noWarningThatQemusBootOfTheSameLacks() throws Exception {
    Path disk = directory.resolve("demo.qcow2");
    DemoDisk.build(
        Guests.cache(), Guests.modules(Guests.kernel()), "for logs", disk, DiskTarget::qcow2);
    Path kernel = Guests.kernel().vmlinuz();
    Path initrd = Guests.scriptInitrd(directory, SCRIPT, DRIVERS);

    Run ours =
        Run.of(
            Guests.machine(kernel, initrd)
                .withCommandLine(COMMAND_LINE)
                .withDisks(List.of(DiskSpec.of(disk))));
    String theirs =
        QemuGuest.run(
            "q35",
            List.of(
                "-cpu",
                "Nehalem",
                "-m",
                "512",
                "-drive",
                "file=" + disk + ",format=qcow2,if=none,id=d",
                "-device",
                "virtio-blk-pci,drive=d",
                "-kernel",
                kernel.toString(),
                "-initrd",
                initrd.toString(),
                "-append",
                COMMAND_LINE));

    KernelLog log = KernelLog.of(ours.console());
    assertThat(log.lines()).as(ours::tail).hasSizeGreaterThan(200);
    assertThat(KernelLog.of(theirs).lines()).as(theirs).hasSizeGreaterThan(200);
    assertThat(log.warningsBeyond(KernelLog.of(theirs))).isEmpty();
    assertThat(ours.console())
        .as("no isolation of page tables, see CpuidTable")
        .contains("MELTDOWN Not affected");
    assertThat(ours.console().substring(ours.console().indexOf("INTERRUPTS")))
        .containsPattern("PCI-MSI \\d+-edge +virtio0-req\\.0");
  }
}

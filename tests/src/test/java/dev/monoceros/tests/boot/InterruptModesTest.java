package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.Verdict;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Linux's own drivers on every way in which interrupts can reach the CPU, as its command line
 * chooses it. What arrived is told by /proc/interrupts; the disk is read on the way.
 */
@ExtendWith(PackagesRequired.class)
class InterruptModesTest {
  private static final long DISK_BYTES = 8 << 20;

  @TempDir Path directory;

  /**
   * @param options of the kernel, with a plus for each blank
   * @param disk how the disk's interrupts come
   * @param serial how the serial port's come
   * @param timer what the ticks come from
   */
  @ParameterizedTest
  @CsvSource({
    "quiet,                    PCI-MSI.*virtio0-req,    IO-APIC.*ttyS0, LOC:",
    "pci=nomsi,                IO-APIC.*fasteoi.*virtio0, IO-APIC.*ttyS0, LOC:",
    "noapic,                   PCI-MSI.*virtio0-req,    XT-PIC.*ttyS0,  LOC:",
    "nolapic,                  XT-PIC.*virtio0,         XT-PIC.*ttyS0,  XT-PIC.*timer",
    "noapic+nolapic+acpi=off,  XT-PIC.*virtio0,         XT-PIC.*ttyS0,  XT-PIC.*timer"
  })
  void theDiskTheSerialPortAndTheTimerInterrupt(
      String options, String disk, String serial, String timer) throws Exception {
    Path image = directory.resolve("disk.qcow2");
    DiskImage.create(image, CreateOptions.qcow2(DISK_BYTES)).close();
    DiskSpec spec =
        new DiskSpec(image, Optional.empty(), false, false, Optional.empty(), OptionalLong.empty());
    String script =
        """
        dd if=/dev/vda of=/dev/null bs=4k count=100 iflag=direct 2>/dev/null
        echo some words of a program, which the serial driver sends by interrupt; sleep 1
        cat /proc/interrupts
        halt -f
        """;
    Run run =
        Run.of(
            Guests.machine(
                    Guests.kernel().vmlinuz(),
                    Guests.scriptInitrd(directory, script, "virtio_pci", "virtio_blk"))
                .withCommandLine("console=ttyS0 panic=-1 " + options.replace('+', ' '))
                .withDisks(List.of(spec)));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(count(run, disk)).as(run::tail).isGreaterThanOrEqualTo(100);
    assertThat(count(run, serial)).as(run::tail).isPositive();
    assertThat(count(run, timer)).as(run::tail).isGreaterThanOrEqualTo(10);
    assertThat(count(run, "ERR:")).as(run::tail).isZero();
  }

  /** The number in the line of /proc/interrupts that matches. */
  private static long count(Run run, String line) {
    Pattern pattern = Pattern.compile(line);
    return run.console()
        .lines()
        .filter(l -> l.matches("\\s*\\w+:\\s+\\d+.*") && pattern.matcher(l).find())
        .mapToLong(l -> Long.parseLong(l.strip().split("\\s+", 3)[1]))
        .findFirst()
        .orElse(-1);
  }
}

package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.ConsoleScript;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Dialogue;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that gets another size while Linux runs (5.2.5.2: capacity, and a configuration change).
 */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class OnlineResizeTest {
  private static final String GUEST =
      """
      echo SIZE $(cat /sys/block/vda/size)
      dd if=/dev/vda of=/dev/null bs=4k count=1 skip=4096 iflag=direct 2>&1 | grep records
      echo READY; read line
      echo SIZE $(cat /sys/block/vda/size)
      printf beyond-the-old-end | dd of=/dev/vda bs=4k seek=20000 conv=sync oflag=direct 2>&1 | grep out
      echo SHRINK; read line
      echo SIZE $(cat /sys/block/vda/size)
      dd if=/dev/vda of=/dev/null bs=512 count=1 skip=199999 iflag=direct 2>&1 | grep in
      poweroff -f
      """;

  private static final String SCRIPT =
      """
      expect READY
      resize vda 128M
      expect vda. new size: 262144
      send on
      expect SHRINK
      resize vda 102400000
      expect vda. new size: 200000
      send on
      """;

  private static final long OLD = 16 << 20;
  private static final long NEW = 102_400_000;
  private static final long WRITTEN_AT = 20_000L * 4096;

  @TempDir Path directory;

  private MachineConfig config(DiskSpec disk, String guest, String script) throws Exception {
    return Guests.machine(
            Guests.kernel().vmlinuz(),
            Guests.scriptInitrd(directory, guest, "virtio_pci", "virtio_blk"))
        .withDisks(List.of(disk))
        .withScript(ConsoleScript.parse(script, Long::parseLong));
  }

  private static void requireSeen(Run run) {
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .containsSubsequence(
            "SIZE 32768",
            "0+0 records in",
            "READY",
            "SIZE 262144",
            "1+0 records out",
            "SHRINK",
            "SIZE 200000",
            "1+0 records in")
        .doesNotContain("I/O error");
  }

  @Test
  void linuxUsesTheNewCapacityOfAQcow2DiskAndQemuImgAgreesAfterwards() throws Exception {
    Path image = Images.qcow2(directory.resolve("disk.qcow2"), OLD);

    Run run = Run.of(config(DiskSpec.of(image), GUEST, SCRIPT));

    requireSeen(run);
    assertThat(Images.output(Guests.oracles().qemuImg(), "info", image.toString()))
        .contains("(" + NEW + " bytes)");
    Images.requireClean(image);
    requireWritten(Images.rawByQemu(image, directory.resolve("read.raw")));

    Path again = Images.qcow2(directory.resolve("again.qcow2"), OLD);
    assertThat(Run.of(config(DiskSpec.of(again), GUEST, SCRIPT)))
        .as("a run with a resize repeats to the bit")
        .isEqualTo(run);
  }

  @Test
  void theSameHoldsForARawDiskAndForOneInMemory() throws Exception {
    Path raw = directory.resolve("disk.raw");
    try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "rw")) {
      file.setLength(OLD);
    }

    requireSeen(Run.of(config(DiskSpec.of(raw), GUEST, SCRIPT)));
    requireSeen(Run.of(config(DiskSpec.memory(OLD), GUEST, SCRIPT)));

    assertThat(raw.toFile()).hasSize(NEW);
    requireWritten(raw);
  }

  private static void requireWritten(Path raw) throws IOException {
    byte[] expected = "beyond-the-old-end".getBytes(StandardCharsets.US_ASCII);
    byte[] found = new byte[expected.length];
    try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "r")) {
      file.seek(WRITTEN_AT);
      file.readFully(found);
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void anotherThreadCanResizeADiskAndIsToldHowItWent() throws Exception {
    MachineConfig config =
        config(DiskSpec.memory(OLD), "echo SIZE $(cat /sys/block/vda/size); poweroff -f\n", "");
    Dialogue console = Dialogue.silent();
    try (Machine machine = Machine.open(config, console, console)) {
      CompletableFuture<Void> done = machine.resizeDisk("vda", 32 << 20);
      CompletableFuture<Void> odd = machine.resizeDisk("vda", 1000);
      CompletableFuture<Void> nobody = machine.resizeDisk("vdq", 32 << 20);

      assertThat(machine.run().verdict()).isEqualTo(Verdict.PASS);

      assertThat(done).isCompleted();
      assertThat(new String(console.heard(), StandardCharsets.US_ASCII)).contains("SIZE 65536");
      assertThatThrownBy(odd::get).hasMessageContaining("a positive multiple of 512");
      assertThatThrownBy(nobody::get).hasMessageContaining("this machine has no disk vdq");
    }
  }

  @Test
  void aScriptThatResizesADiskThatIsNotThereIsRefused() throws Exception {
    MachineConfig config = config(DiskSpec.memory(OLD), "poweroff -f\n", "resize vdb 1G\n");

    assertThatThrownBy(() -> Run.of(config))
        .isInstanceOf(MachineException.class)
        .hasMessage("the script's line 1 would resize vdb, which this machine lacks");
  }

  @Test
  void aSizeThatADiskCannotHaveEndsTheRunWithASentence() throws Exception {
    Path image = Images.qcow2(directory.resolve("ro.qcow2"), OLD);
    DiskSpec disk =
        new DiskSpec(
            image,
            java.util.Optional.empty(),
            true,
            false,
            java.util.Optional.empty(),
            java.util.OptionalLong.empty());

    Run run = Run.of(config(disk, "echo READY; sleep 100\n", "expect READY\nresize vda 1G\n"));

    assertThat(run.result().verdict()).isEqualTo(Verdict.IMAGE_ERROR);
    assertThat(run.result().detail()).startsWith("the script's line 2 cannot resize vda: ");
  }
}

package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As many disks as there are letters, in the order in which they were given. */
@ExtendWith(PackagesRequired.class)
class ManyDisksTest {
  private static final int MOST = 26;
  private static final long SIZE = 1 << 20;

  @TempDir Path directory;

  private static String marker(int index) {
    return "marker-of-disk-%02d".formatted(index);
  }

  /** QCOW2 and raw ones, writable, read-only and snapshots, one after the other. */
  private DiskSpec disk(int index) throws IOException {
    byte[] text = marker(index).getBytes(StandardCharsets.US_ASCII);
    boolean raw = index % 2 == 1;
    Path file = directory.resolve("disk" + index + (raw ? ".raw" : ".qcow2"));
    if (raw) {
      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
        out.write(text);
        out.setLength(SIZE);
      }
    } else {
      Images.qcow2(file, SIZE);
      try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
        image.write(0, ByteBuffer.wrap(text));
      }
    }
    return new DiskSpec(
        file,
        Optional.of(raw ? DiskSpec.Format.RAW : DiskSpec.Format.QCOW2),
        index % 3 == 1,
        index % 3 == 2,
        Optional.empty(),
        OptionalLong.empty());
  }

  private List<DiskSpec> disks(int count) throws IOException {
    List<DiskSpec> disks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      disks.add(disk(i));
    }
    return disks;
  }

  private MachineConfig config(String script) {
    return Guests.machine(
        Guests.kernel().vmlinuz(),
        Guests.scriptInitrd(directory, script, "virtio_pci", "virtio_blk"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "pci=nomsi", "noapic nolapic acpi=off"})
  void everyDiskIsReadAndThoseThatMayBeAreWritten(String options) throws Exception {
    MachineConfig config =
        config(
                """
                for d in /dev/vd?; do
                  n=${d##*/}; echo "$n $(head -c 17 $d) ro=$(cat /sys/block/$n/ro)"
                  echo written-to-$n | dd of=$d bs=1 seek=4096 conv=notrunc 2>/dev/null
                done
                sync; grep -c 'virtio[0-9]*-req' /proc/interrupts
                poweroff -f
                """)
            .withCommandLine("console=ttyS0 panic=-1 " + options)
            .withDisks(disks(MOST))
            .withRng(DiskSpec.Transport.PCI);
    Run run = Run.of(config);

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    for (int i = 0; i < MOST; i++) {
      String name = "vd" + (char) ('a' + i);
      assertThat(run.console())
          .contains(name + " " + marker(i) + " ro=" + (i % 3 == 1 ? 1 : 0) + "\r\n");
      boolean kept = i % 3 == 0;
      assertThat(textAt4096(config.disks().get(i))).startsWith(kept ? "written-to-" + name : "\0");
    }
    if (options.isEmpty()) {
      assertThat(run.console()).as("a message for each queue").contains("\r\n26\r\n");
    }
    assertThat(run.console()).doesNotContain("I/O error, dev vda", "nobody cared", "can't assign");
  }

  private static String textAt4096(DiskSpec spec) throws IOException {
    OpenOptions options = OpenOptions.defaults().withReadOnly(true);
    try (DiskImage image = DiskImage.open(spec.file().orElseThrow(), options)) {
      ByteBuffer bytes = ByteBuffer.allocate(16);
      image.read(4096, bytes);
      return new String(bytes.array(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void aTwentySeventhIsRefusedInOneSentence() throws Exception {
    MachineConfig config = config("poweroff -f\n").withDisks(disks(MOST + 1));

    assertThatThrownBy(() -> Machine.open(config, b -> {}, ConsoleSource.empty()))
        .isInstanceOf(MachineException.class)
        .hasMessage("at most 26 disks can be attached");
  }
}

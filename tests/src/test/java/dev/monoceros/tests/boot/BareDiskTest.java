package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.boot.BootProtocol;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.tests.support.GuestProgram;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our bare-metal program drives the disk through the real CPU and bus: what Linux with one CPU does
 * not use (several queues, IN_ORDER, queue reset, queues of 1 and of 1024).
 */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class BareDiskTest {
  private static final long MEMORY = 64 << 20;
  private static final int SECTOR = 512;
  private static final int SLOTS = 64;
  private static final int SLOT_SECTORS = 8;
  private static final int QUEUE_BYTES = SLOTS * SLOT_SECTORS * SECTOR;
  private static final int MOST_QUEUES = 16;
  private static final long DISK_BYTES = (long) MOST_QUEUES * QUEUE_BYTES;
  private static final int FINAL_GENERATION = 0xf0000;
  private static final long MOST_VIRTUAL_NANOS = 60_000_000_000L;

  @TempDir static Path shared;
  private static Path program;

  @TempDir Path directory;

  @BeforeAll
  static void compile() throws IOException {
    program = GuestProgram.compile(shared);
  }

  private Run run(DiskSpec disk, String commandLine) throws Exception {
    MachineConfig config =
        MachineConfig.of(program)
            .withBoot(BootProtocol.PVH)
            .withCommandLine(commandLine)
            .withMemoryBytes(MEMORY)
            .withMaxVirtualNanos(MOST_VIRTUAL_NANOS)
            .withLibraries(List.of(Guests.library(Guests.REFERENCE)))
            .withDisks(List.of(disk));
    return Run.of(config);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "256"})
  void oneQueueOfEachSize(int size) throws Exception {
    Path image = Images.qcow2(directory.resolve("disk.qcow2"), DISK_BYTES);
    Run run =
        run(DiskSpec.of(image), "queues=1 size=" + size + " queue-resets=2 resets=3 mastering=1");
    System.out.println(run.tail());
    assertThat(run.result().debugExit()).as(run::tail).isEqualTo(OptionalInt.of(0));
    assertThat(run.result().verdict()).isEqualTo(Verdict.DEBUG_EXIT);
    assertContents(image, 1);
  }

  /** As disk.c's write_everything leaves it: by our library, and by QEMU's. */
  private void assertContents(Path image, int queues) throws IOException {
    byte[] expected = expected(queues);
    byte[] ours = new byte[expected.length];
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults().withReadOnly(true))) {
      disk.read(0, MemorySegment.ofArray(ours));
    }
    assertThat(ours).isEqualTo(expected);
    Images.requireClean(image);
    Path raw = Images.rawByQemu(image, directory.resolve("disk.raw"));
    assertThat(Files.readAllBytes(raw)).isEqualTo(expected);
  }

  private static byte[] expected(int queues) {
    ByteBuffer disk = ByteBuffer.allocate((int) DISK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long sector = 0; sector < (long) queues * SLOTS * SLOT_SECTORS; sector++) {
      long generation = FINAL_GENERATION + sector / SLOT_SECTORS % SLOTS;
      for (int word = 0; word < SECTOR / Long.BYTES; word++) {
        disk.putLong(sector << 40 ^ generation << 8 ^ word * 0x9e37_79b9_7f4a_7c15L);
      }
    }
    return disk.array();
  }
}

package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.BareProgram;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that a guest does is the emulator's failure, stops the host or takes longer than its
 * limit. Guests here are random, from a seed that the message of a failure names.
 */
@ExtendWith(PackagesRequired.class)
class RandomGuestTest {
  private static final int MIB = 1 << 20;
  private static final long LIMIT = 5_000_000;
  private static final int STEPS = 200;

  /** Where accesses are of interest: legacy devices, PCI configuration, ACPI, the exit port. */
  private static final int[] PORTS = {
    0x00, 0x20, 0x21, 0x40, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x80, 0x92, 0xa0, 0xa1, 0x3f8,
    0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x4d0, 0x4d1, 0x600, 0x602, 0x608, 0xcf8, 0xcf9, 0xcfc, 0xcfe
  };

  /** The device hole begins here; the virtio device's window is its first. */
  private static final long DEVICES = 0xe000_0000L;

  @TempDir Path directory;

  private MachineConfig config(BareProgram program, List<DiskSpec> disks) {
    return MachineConfig.of(program.write(directory, "hostile"))
        .withMemoryBytes(MachineConfig.LEAST_MEMORY)
        .withMaxVirtualNanos(LIMIT)
        .withDisks(disks)
        .withLibraries(List.of(Guests.library(Guests.REFERENCE)));
  }

  private void requireHarmless(long seed, MachineConfig config) throws Exception {
    RunResult result = Run.of(config).result();
    assertThat(result.verdict())
        .as("seed %d: %s", seed, result.detail())
        .isNotIn(Verdict.EMULATOR_FAULT, Verdict.IMAGE_ERROR, Verdict.STOPPED);
    assertThat(result.virtualNanos()).as("seed %d", seed).isLessThan(LIMIT + 100_000);
  }

  private void runRandomCode(int from, int to) throws Exception {
    for (int seed = from; seed < to; seed++) {
      byte[] code = new byte[256];
      new SplittableRandom(seed).nextBytes(code);
      requireHarmless(seed, config(BareProgram.program().raw(code).loopForEver(), List.of()));
    }
  }

  private void runRandomAccesses(int from, int to) throws Exception {
    Path image = Images.qcow2(directory.resolve("disk.qcow2"), 16L * MIB);
    for (int seed = from; seed < to; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      BareProgram program = BareProgram.program();
      for (int i = 0; i < STEPS; i++) {
        step(program, random);
      }
      requireHarmless(seed, config(program.loopForEver(), List.of(DiskSpec.of(image))));
    }
    Images.requireClean(image);
  }

  private static void step(BareProgram program, SplittableRandom random) {
    int size = 1 << random.nextInt(3);
    int port = PORTS[random.nextInt(PORTS.length)];
    long address =
        random.nextInt(4) == 0
            ? random.nextLong(1L << 32)
            : DEVICES + random.nextLong(4 * MIB >> random.nextInt(12));
    switch (random.nextInt(6)) {
      case 0 -> program.out(port, size, random.nextInt());
      case 1 -> program.in(port, size);
      case 2 -> program.out(0xcf8, 4, 0x8000_0000 | random.nextInt(1 << 13)).in(0xcfc, size);
      case 3 ->
          program
              .out(0xcf8, 4, 0x8000_0000 | random.nextInt(1 << 13))
              .out(0xcfc, size, random.nextInt());
      case 4 -> program.store(address, size, random.nextInt(1 << random.nextInt(1, 31)));
      default -> program.load(address, size);
    }
  }

  @Test
  void randomInstructions() throws Exception {
    runRandomCode(0, 100);
  }

  @Test
  void randomAccessesToPortsAndDevices() throws Exception {
    runRandomAccesses(0, 100);
  }

  @Test
  @Tag("long")
  void randomInstructionsAtLength() throws Exception {
    runRandomCode(100, 1_000);
  }

  @Test
  @Tag("long")
  void randomAccessesToPortsAndDevicesAtLength() throws Exception {
    runRandomAccesses(100, 2_000);
  }
}

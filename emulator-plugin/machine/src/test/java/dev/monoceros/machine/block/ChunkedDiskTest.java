package dev.monoceros.machine.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.BlkDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ChunkedDiskTest {
  private static final int SECTORS = 200;
  private static final int BYTES = SECTORS * 512;
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** What a script does to a disk; a resize takes {@code sectors} as the new size. */
  record Step(Kind kind, int sector, int sectors, int value) {
    enum Kind {
      WRITE,
      ZERO,
      ZERO_UNMAP,
      DISCARD,
      RESIZE
    }
  }

  @Provide
  Arbitrary<List<Step>> scripts() {
    return Combinators.combine(
            Arbitraries.of(Step.Kind.class),
            Arbitraries.integers().between(0, SECTORS - 1),
            Arbitraries.integers().between(1, 60),
            Arbitraries.integers().between(1, 255))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 300)
  void aDiskInMemoryHoldsWhatAnArrayWouldHold(@ForAll("scripts") List<Step> script)
      throws IOException {
    try (MemoryDisk disk = new MemoryDisk(BYTES, false)) {
      play(disk, new byte[BYTES], script);
      disk.writeZeroes(0, disk.size(), true);
      assertThat(disk.heldBytes()).isZero();
    }
  }

  @Property(tries = 300)
  void anOverlayHoldsWhatAnArrayWouldHoldAndItsBaseStaysAsItWas(
      @ForAll("scripts") List<Step> script) throws IOException {
    MemoryDisk base = new MemoryDisk(BYTES, false);
    byte[] contents = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      contents[i] = (byte) (i * 31 + i / 511);
    }
    base.write(0, MemorySegment.ofArray(contents));
    try (OverlayDisk disk = new OverlayDisk(base, NO_LIMIT)) {
      play(disk, contents.clone(), script);
      assertThat(bytes(base, BYTES)).isEqualTo(contents);
    }
  }

  private static void play(ChunkedDisk disk, byte[] start, List<Step> script) throws IOException {
    byte[] model = start;
    for (Step step : script) {
      int size = model.length / 512;
      int sector = Math.min(step.sector(), size - 1);
      int sectors = Math.min(step.sectors(), size - sector);
      int from = sector * 512;
      int to = from + sectors * 512;
      switch (step.kind()) {
        case WRITE -> {
          Arrays.fill(model, from, to, (byte) step.value());
          disk.write(from, MemorySegment.ofArray(DiskRig.filled(sectors, step.value())));
        }
        case ZERO, ZERO_UNMAP -> {
          Arrays.fill(model, from, to, (byte) 0);
          disk.writeZeroes(from, to - from, step.kind() == Step.Kind.ZERO_UNMAP);
        }
        case DISCARD -> {
          disk.discard(from, to - from);
          requireOldOrZero(model, bytes(disk, model.length), from, to);
          model = bytes(disk, model.length); // what it was or zero, as the disk likes
        }
        case RESIZE -> {
          model = Arrays.copyOf(model, (step.sector() + 1) * 512);
          disk.resize(model.length);
        }
      }
      assertThat(disk.capacitySectors() * 512).isEqualTo(model.length);
      assertThat(bytes(disk, model.length)).isEqualTo(model);
    }
  }

  private static void requireOldOrZero(byte[] before, byte[] after, int from, int to) {
    for (int i = 0; i < before.length; i++) {
      boolean given = i >= from && i < to && after[i] == 0;
      assertThat(given || after[i] == before[i]).as("byte %d", i).isTrue();
    }
  }

  private static byte[] bytes(Disk disk, int length) throws IOException {
    byte[] bytes = new byte[length];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void aDriverReadsZerosFromANewDiskAndThenWhatItWrote() throws IOException {
    try (MemoryDisk disk = new MemoryDisk(BYTES, false)) {
      DiskRig rig = new DiskRig(disk);
      assertThat(rig.disk.read(3, 20)).isEqualTo(new byte[20 * 512]);
      assertThat(rig.write(5, 17, 7)).isEqualTo(BlkDriver.S_OK);
      assertThat(rig.disk.read(5, 17)).isEqualTo(DiskRig.filled(17, 7));
    }
  }

  @Test
  void aDiskInMemoryTakesMemoryForWhatIsWrittenAndGivesItBackWhenThatIsDiscarded()
      throws IOException {
    long huge = 1L << 50;
    try (MemoryDisk disk = new MemoryDisk(huge, false)) {
      DiskRig rig = new DiskRig(disk);
      long sectors = huge / 512;
      assertThat(rig.read(sectors - 8, 8).status()).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.hostBytes()).isZero();

      for (int i = 0; i < 64; i++) {
        assertThat(rig.write(i * 256L, 256, 1)).isEqualTo(BlkDriver.S_OK);
      }
      assertThat(rig.write(sectors - 1, 1, 9)).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.heldBytes()).isEqualTo(64 * 256 * 512 + 4096);
      assertThat(disk.hostBytes()).isBetween(disk.heldBytes(), disk.heldBytes() + (2 << 20));

      assertThat(rig.change(BlkDriver.T_DISCARD, 0, 64 * 256)).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.heldBytes()).isEqualTo(4096);
      assertThat(disk.hostBytes()).isLessThanOrEqualTo(2 << 20);
      assertThat(rig.disk.read(sectors - 1, 1)).isEqualTo(DiskRig.filled(1, 9));
    }
  }

  /** 5.2.6.2: without the flag unmap a range is zeroed and not given up. */
  @Test
  void zeroingWithoutUnmapKeepsTheMemory() throws IOException {
    try (MemoryDisk disk = new MemoryDisk(BYTES, false)) {
      DiskRig rig = new DiskRig(disk);
      rig.write(0, 16, 5);
      assertThat(rig.change(BlkDriver.T_WRITE_ZEROES, 0, 16)).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.heldBytes()).isEqualTo(8192);
      assertThat(rig.disk.read(0, 16)).isEqualTo(new byte[16 * 512]);

      BlkDriver.Range unmap = new BlkDriver.Range(0, 16, 1);
      assertThat(rig.disk.change(BlkDriver.T_WRITE_ZEROES, unmap)).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.heldBytes()).isZero();
    }
  }

  @Test
  void aReadOnlyDiskInMemoryTakesNoWrite() throws IOException {
    try (MemoryDisk disk = new MemoryDisk(BYTES, true)) {
      assertThat(new DiskRig(disk).write(0, 1, 1)).isEqualTo(BlkDriver.S_IOERR);
      assertThat(disk.heldBytes()).isZero();
    }
  }

  @Test
  void whatIsDiscardedInAnOverlayDoesNotShowTheBaseAgain() throws IOException {
    MemoryDisk base = new MemoryDisk(BYTES, false);
    base.write(0, MemorySegment.ofArray(DiskRig.filled(16, 0x55)));
    try (OverlayDisk disk = new OverlayDisk(base, NO_LIMIT)) {
      DiskRig rig = new DiskRig(disk);
      assertThat(rig.write(0, 16, 0x66)).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.heldBytes()).isEqualTo(8192);

      assertThat(rig.change(BlkDriver.T_DISCARD, 0, 16)).isEqualTo(BlkDriver.S_OK);
      assertThat(rig.disk.read(0, 16)).isEqualTo(new byte[16 * 512]);
      assertThat(disk.heldBytes()).isZero();
    }
  }

  @Test
  void zeroingAnOverlayTakesNoMemory() throws IOException {
    MemoryDisk base = new MemoryDisk(BYTES, false);
    base.write(0, MemorySegment.ofArray(DiskRig.filled(SECTORS, 0x55)));
    try (OverlayDisk disk = new OverlayDisk(base, NO_LIMIT)) {
      DiskRig rig = new DiskRig(disk);
      assertThat(rig.change(BlkDriver.T_WRITE_ZEROES, 8, 160)).isEqualTo(BlkDriver.S_OK);
      assertThat(disk.heldBytes()).isZero();
      assertThat(rig.disk.read(0, 8)).isEqualTo(DiskRig.filled(8, 0x55));
      assertThat(rig.disk.read(8, 160)).isEqualTo(new byte[160 * 512]);
    }
  }

  @Test
  void aGuestCannotMakeAnOverlayGrowBeyondItsLimit() throws IOException {
    long limit = (1 << 15) + 4 * 4096; // places of one leaf, and four chunks
    MemoryDisk base = new MemoryDisk(1L << 40, false);
    try (OverlayDisk disk = new OverlayDisk(base, limit)) {
      DiskRig rig = new DiskRig(disk);
      for (int i = 0; i < 4; i++) {
        assertThat(rig.write(i * 8L, 8, i + 1)).isEqualTo(BlkDriver.S_OK);
      }
      assertThat(rig.write(32, 8, 5)).isEqualTo(BlkDriver.S_IOERR);
      assertThat(rig.disk.change(BlkDriver.T_WRITE_ZEROES, new BlkDriver.Range(1 << 30, 64, 1)))
          .as("places of zeroed chunks count, too")
          .isEqualTo(BlkDriver.S_IOERR);
      assertThat(disk.failure()).get().asString().contains("which is its limit");

      assertThat(rig.change(BlkDriver.T_DISCARD, 0, 8)).isEqualTo(BlkDriver.S_OK);
      assertThat(rig.write(32, 8, 5)).as("room that was given back").isEqualTo(BlkDriver.S_OK);
      assertThat(rig.disk.read(32, 8)).isEqualTo(DiskRig.filled(8, 5));
    }
  }
}

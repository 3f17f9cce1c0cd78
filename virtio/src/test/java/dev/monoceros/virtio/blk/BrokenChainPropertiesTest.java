package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.blk.ChainModel.Desc;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Descriptor tables of every kind, mostly broken, with the outcome computed by a model. */
class BrokenChainPropertiesTest {
  private static final int QUEUE = 8;
  private static final int TABLE = 4;
  private static final int ARENA = 4096;
  private static final int CAPACITY = 4;

  @Provide
  static Arbitrary<Desc> descriptors() {
    Arbitrary<Long> lengths = Arbitraries.of(0L, 1L, 8L, 15L, 16L, 20L, 21L, 512L, 513L, 528L);
    Arbitrary<Long> common = Arbitraries.of(1L, 16L, 512L);
    Arbitrary<Boolean> inRam = Arbitraries.frequency(tuple(12, true), tuple(1, false));
    Arbitrary<Integer> table = Arbitraries.frequency(tuple(8, -1), tuple(1, 0), tuple(1, 1));
    Arbitrary<Integer> next =
        Arbitraries.oneOf(
            Arbitraries.just(Desc.NONE), Arbitraries.integers().between(Desc.NONE, QUEUE));
    return Combinators.combine(
            Arbitraries.oneOf(lengths, common, common),
            Arbitraries.of(true, false),
            inRam,
            table,
            next)
        .as((length, write, ram, to, following) -> new Desc(0, length, write, ram, to, following));
  }

  private static <T> Tuple.Tuple2<Integer, T> tuple(int weight, T value) {
    return Tuple.of(weight, value);
  }

  @Must({16, 61, Must.BAD_CHAIN})
  @Property(tries = 2000)
  void everyChainEndsAsTheModelSaysAndTheDeviceWorksOn(
      @ForAll @Size(QUEUE) List<@From("descriptors") Desc> queue,
      @ForAll @Size(TABLE) List<@From("descriptors") Desc> first,
      @ForAll @Size(TABLE) List<@From("descriptors") Desc> second,
      @ForAll @IntRange(max = 9) int type,
      @ForAll @IntRange(max = CAPACITY) int sector) {
    BlkRig rig = new BlkRig(new MemoryBackend(CAPACITY)).start(QUEUE);
    long readable = rig.driver.allocate(ARENA, 16);
    long writable = rig.driver.allocate(ARENA, 16);
    List<Long> tables =
        List.of(rig.driver.allocate(16 * TABLE, 16), rig.driver.allocate(16 * TABLE, 16));
    rig.disk.putHeader(readable, type, sector);
    byte[] header = new byte[16];
    rig.memory.read(readable, header, 0, header.length);
    ChainModel model = new ChainModel(queue, Map.of(0, first, 1, second), header, CAPACITY);
    Writer writer = new Writer(rig, readable, writable, tables);
    writer.write(rig.ring.descriptorTable(), queue);
    writer.write(tables.get(0), first);
    writer.write(tables.get(1), second);

    for (int head = 0; head < QUEUE; head++) {
      rig.memory.clearReported();
      rig.ring.submit(head);
      rig.clock.runAll(4);
      assertThat(rig.ring.hasUsed()).as("head %d comes back", head).isTrue();
      assertThat(rig.ring.takeUsed()).isEqualTo(head);
      ChainModel.Outcome expected = model.outcome(head);
      assertThat(rig.ring.usedLength())
          .as("length, head %d", head)
          .isEqualTo(expected.usedLength());
      assertThat(writer.status(expected.status())).as("status, head %d", head).isTrue();
      for (int i = 0; i < ARENA; i++) {
        assertThat(rig.memory.isReported(readable + i)).isFalse();
      }
    }
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.block.requestsInFlight()).isZero();
  }

  /**
   * Writes descriptors: readable ones all start at the header, writable ones all end at the same
   * byte, so that header and status are known whatever the chain.
   */
  private record Writer(BlkRig rig, long readable, long writable, List<Long> tables) {
    private static final long OUTSIDE = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES;

    void write(long table, List<Desc> descriptors) {
      for (int i = 0; i < descriptors.size(); i++) {
        Desc desc = descriptors.get(i);
        int flags = (desc.write() ? DriverRing.F_WRITE : 0) | (desc.next() < 0 ? 0 : 1);
        long at = table + 16L * i;
        if (desc.table() >= 0) {
          rig.ring.putDescriptor(
              at, tables.get(desc.table()), 16 * TABLE, flags | DriverRing.F_INDIRECT, next(desc));
        } else {
          rig.ring.putDescriptor(at, address(desc), desc.length(), flags, next(desc));
        }
      }
    }

    private static int next(Desc desc) {
      return Math.max(desc.next(), 0);
    }

    private long address(Desc desc) {
      if (!desc.inRam()) {
        return OUTSIDE - desc.length() / 2;
      }
      return desc.write() ? writable + ARENA - desc.length() : readable;
    }

    /** Whether the status byte is as expected, which is then wiped. */
    boolean status(int expected) {
      long at = writable + ARENA - 1;
      int found = rig.memory.u8(at);
      boolean touched = rig.memory.isReported(at);
      rig.memory.putU8(at, BlkDriver.NO_STATUS);
      return expected >= 0 ? found == expected : !touched;
    }
  }

  @Must({Must.BAD_CHAIN, Must.AVAIL_JUMP})
  @Property(tries = 300)
  void ringsFullOfGarbageNeverThrowHangOrLeakAndAResetRepairsEverything(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int kicks) {
    SplittableRandom random = new SplittableRandom(seed);
    BlkRig rig = BlkRig.started();
    long start = rig.ring.descriptorTable();
    int length = (int) (rig.ring.usedRing() + 6 + 8 * 16 - start);
    for (int kick = 0; kick < kicks; kick++) {
      for (int i = 0; i < length; i++) {
        if (random.nextInt(4) == 0) {
          rig.memory.putU8(start + i, random.nextInt(256));
        }
      }
      for (int i = 0; i < 16; i++) {
        long address = BlkRig.MEMORY_BASE + random.nextInt(BlkRig.MEMORY_BYTES + 5000);
        int next = random.nextInt(18);
        rig.ring.describe(i, address, random.nextInt(3000), random.nextInt(8), next);
        rig.ring.putAvail(i, random.nextInt(17));
      }
      rig.ring.setAvailIndex(rig.ring.availIndex() + random.nextInt(18));
      byte[] before = rig.memory.snapshot();
      rig.memory.clearReported();
      rig.driver.kick(0);
      rig.clock.runAll(64);
      assertThat(rig.block.requestsInFlight()).isZero();
      byte[] after = rig.memory.snapshot();
      int at = Arrays.mismatch(before, after);
      for (; at >= 0 && at < after.length; at++) {
        if (before[at] != after[at] && !rig.memory.isReported(BlkRig.MEMORY_BASE + at)) {
          fail("byte %d changed and was not reported", at);
        }
      }
    }
    rig.start(16);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }
}

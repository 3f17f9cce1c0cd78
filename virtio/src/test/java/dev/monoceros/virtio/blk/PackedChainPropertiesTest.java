package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.RawPackedRing;
import dev.monoceros.virtio.RawPackedRing.Raw;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.ChainModel.Desc;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.PackedDriverRing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Packed chains of every kind, mostly broken, with the outcome computed by a model. */
class PackedChainPropertiesTest {
  private static final int SIZE = 11;
  private static final int TABLE = 4;
  private static final int ARENA = 4096;
  private static final int CAPACITY = 4;
  private static final long OUTSIDE = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES;

  @Provide
  static Arbitrary<Desc> descriptors() {
    Arbitrary<Long> lengths = Arbitraries.of(0L, 1L, 8L, 15L, 16L, 20L, 21L, 512L, 513L, 528L);
    Arbitrary<Long> common = Arbitraries.of(1L, 16L, 512L);
    return Combinators.combine(
            Arbitraries.oneOf(lengths, common, common),
            Arbitraries.of(true, false),
            Arbitraries.frequency(Tuple.of(15, true), Tuple.of(1, false)),
            Arbitraries.frequency(Tuple.of(8, -1), Tuple.of(1, 0), Tuple.of(1, 1)))
        .as((length, write, ram, table) -> new Desc(0, length, write, ram, table, Desc.NONE));
  }

  @Must({16, 21, 26, 61, Must.BAD_CHAIN})
  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void everyChainEndsAsTheModelSaysAndTheRingGoesOn(
      @ForAll @Size(min = 1, max = 12)
          List<@Size(min = 1, max = 5) List<@From("descriptors") Desc>> chains,
      @ForAll @Size(TABLE) List<@From("descriptors") Desc> first,
      @ForAll @Size(TABLE) List<@From("descriptors") Desc> second,
      @ForAll @IntRange(max = 9) int type,
      @ForAll @IntRange(max = CAPACITY) int sector,
      @ForAll boolean mmio) {
    Wiring wiring = mmio ? Wiring.MMIO_PACKED : Wiring.PCI_PACKED;
    BlkRig rig = new BlkRig(wiring, new MemoryBackend(CAPACITY), BlkOptions.DEFAULT).start(SIZE);
    RawPackedRing ring = new RawPackedRing(rig);
    long readable = rig.driver.allocate(ARENA, 16);
    long writable = rig.driver.allocate(ARENA, 16);
    long[] tables = {rig.driver.allocate(16 * TABLE, 16), rig.driver.allocate(16 * TABLE, 16)};
    rig.disk.putHeader(readable, type, sector);
    byte[] header = new byte[16];
    rig.memory.read(readable, header, 0, header.length);
    writeTable(rig, tables[0], tables, first, readable, writable);
    writeTable(rig, tables[1], tables, second, readable, writable);
    Map<Integer, List<Desc>> contents = Map.of(0, first, 1, second);
    long status = writable + ARENA - 1;
    for (int i = 0; i < chains.size(); i++) {
      List<Desc> chain = chains.get(i);
      List<Raw> raw = new ArrayList<>();
      for (int k = 0; k < chain.size(); k++) {
        int next = k == chain.size() - 1 ? 0 : PackedDriverRing.F_NEXT;
        raw.add(raw(chain.get(k), tables, readable, writable, next));
      }
      rig.memory.putU8(status, BlkDriver.NO_STATUS);
      rig.memory.clearReported();
      ring.offer(1000 + i, raw);
      rig.driver.kick(0);
      rig.clock.runAll(4);
      ChainModel.Outcome expected = ChainModel.packed(chain, contents, header, CAPACITY);
      assertThat(ring.take(chain.size()))
          .as("chain %d", i)
          .isEqualTo(new RawPackedRing.Used(1000 + i, expected.usedLength()));
      if (expected.status() >= 0) {
        assertThat(rig.memory.u8(status)).as("status, chain %d", i).isEqualTo(expected.status());
      } else {
        assertThat(rig.memory.isReported(status)).as("status, chain %d", i).isFalse();
      }
      for (int at = 0; at < ARENA; at++) {
        assertThat(rig.memory.isReported(readable + at)).isFalse();
      }
    }
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.block.requestsInFlight()).isZero();
  }

  /** Readable ones all start at the header, writable ones all end at the same byte. */
  private static Raw raw(Desc desc, long[] tables, long readable, long writable, int next) {
    int flags = next | (desc.write() ? PackedDriverRing.F_WRITE : 0);
    if (desc.table() >= 0) {
      return new Raw(tables[desc.table()], 16 * TABLE, flags | PackedDriverRing.F_INDIRECT);
    }
    long inside = desc.write() ? writable + ARENA - desc.length() : readable;
    return new Raw(desc.inRam() ? inside : OUTSIDE - desc.length() / 2, desc.length(), flags);
  }

  private static void writeTable(
      BlkRig rig, long at, long[] tables, List<Desc> descs, long readable, long writable) {
    for (int i = 0; i < descs.size(); i++) {
      Desc plain = ChainModel.plain(descs.get(i));
      Raw raw = raw(plain, tables, readable, writable, 0);
      // 2.8.7: INDIRECT and NEXT mean nothing in a table.
      int noise = descs.get(i).table() >= 0 ? PackedDriverRing.F_INDIRECT : i & 1;
      rig.packed.put(at + 16L * i, raw.address(), raw.length(), 7 * i, raw.flags() | noise);
    }
  }

  @Must({25, Must.BAD_CHAIN})
  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void ringsFullOfGarbageNeverThrowHangOrLeakAndAResetRepairsEverything(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int kicks) {
    SplittableRandom random = new SplittableRandom(seed);
    BlkRig rig = BlkRig.started(Wiring.PCI_PACKED);
    for (int kick = 0; kick < kicks; kick++) {
      for (int i = 0; i < 16; i++) {
        long address = BlkRig.MEMORY_BASE + random.nextInt(BlkRig.MEMORY_BYTES + 5000);
        int flags = random.nextInt(8) | random.nextInt(4) << 7 | random.nextInt(2) << 15;
        rig.packed.put(
            rig.packed.ring() + 16L * i,
            address,
            random.nextInt(3) == 0 ? 16L * random.nextInt(20) : random.nextInt(3000),
            random.nextInt(65_536),
            flags & ~(1 << 8));
      }
      rig.memory.putU32(rig.packed.driverEvent(), random.nextInt());
      rig.memory.putU32(rig.packed.deviceEvent(), random.nextInt());
      byte[] before = rig.memory.snapshot();
      rig.memory.clearReported();
      rig.driver.kick(0);
      rig.clock.runAll(64);
      assertThat(rig.block.requestsInFlight()).isZero();
      byte[] after = rig.memory.snapshot();
      for (int at = 0; at < after.length; at++) {
        if (before[at] != after[at] && !rig.memory.isReported(BlkRig.MEMORY_BASE + at)) {
          throw new AssertionError("byte " + at + " changed and was not reported");
        }
      }
    }
    rig.start(16);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }
}

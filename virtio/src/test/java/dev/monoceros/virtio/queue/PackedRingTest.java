package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.PackedDriverRing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a packed virtqueue does (2.8). */
@ParameterizedClass
@EnumSource(names = {"PCI_PACKED", "MMIO_PACKED"})
class PackedRingTest {
  private static final int AVAIL = PackedDriverRing.F_AVAIL;
  private static final int USED = PackedDriverRing.F_USED;

  private final Wiring wiring;
  private BlkRig rig;
  private long area;

  PackedRingTest(Wiring wiring) {
    this.wiring = wiring;
  }

  @BeforeEach
  void start() {
    rig = BlkRig.started(wiring);
    byte[] contents = BlkRig.pattern(rig.backend.bytes().length, 3);
    System.arraycopy(contents, 0, rig.backend.bytes(), 0, contents.length);
    area = rig.driver.allocate(65_536, 4096);
  }

  /** A read with header, data and status of its own. */
  private int read(int number, int sectors) {
    long at = area + 4096L * number;
    rig.disk.putHeader(at, BlkDriver.T_IN, number);
    return rig.queue.chain(
        List.of(
            DriverBuffer.readable(at, 16),
            DriverBuffer.writable(at + 512, 512L * sectors),
            DriverBuffer.writable(at + 16, 1)));
  }

  private int flags(int slot) {
    return rig.memory.u16(rig.packed.ring() + 16L * slot + 14) & (AVAIL | USED);
  }

  private int id(int slot) {
    return rig.memory.u16(rig.packed.ring() + 16L * slot + 12);
  }

  @Must(24)
  @Test
  void m24_chainsStartInRingOrderAndUsedEntriesAreWrittenInOrderOfCompletion() {
    int slow = read(0, 6);
    int middle = read(1, 3);
    int fast = read(2, 1);
    for (int id : new int[] {slow, middle, fast}) {
      rig.queue.offer(id);
    }
    rig.driver.kick(0);
    assertThat(rig.block.requestsInFlight()).isEqualTo(3);
    rig.clock.runNext();
    assertThat(id(0)).as("the first place, whoever is first").isEqualTo(fast);
    assertThat(flags(0)).isEqualTo(AVAIL | USED);
    assertThat(flags(3)).isEqualTo(AVAIL);
    rig.clock.runNext();
    assertThat(id(3)).as("after the places of the chain before").isEqualTo(middle);
    rig.clock.runNext();
    assertThat(id(6)).isEqualTo(slow);
    assertThat(List.of(rig.queue.takeUsed(), rig.queue.takeUsed(), rig.queue.takeUsed()))
        .containsExactly(fast, middle, slow);
    assertThat(rig.backend.reads()).isEqualTo(3);
  }

  @Must(25)
  @Test
  void m25_aDescriptorIsNotUsedBeforeItsAvailFlagFlipsWhateverTheWrapCounter() {
    for (int round = 0; round < 3; round++) {
      boolean wrap = rig.packed.availWrap();
      long descriptor = rig.packed.ring() + 16L * rig.packed.nextAvail();
      long status = area + 8192;
      rig.memory.putU8(status, BlkDriver.NO_STATUS);
      for (int flags : new int[] {0, AVAIL | USED, wrap ? USED : AVAIL}) {
        rig.packed.put(descriptor, status, 1, 5, PackedDriverRing.F_WRITE | flags);
        rig.driver.kick(0);
        assertThat(rig.block.requestsInFlight()).as("flags %x", flags).isZero();
      }
      for (int i = 0; i < 16; i++) {
        int head = rig.queue.indirectChain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
        rig.queue.submit(head);
        rig.disk.await();
        assertThat(rig.queue.takeUsed()).isEqualTo(head);
      }
      assertThat(rig.packed.availWrap()).isEqualTo(!wrap);
    }
    assertThat(rig.needsReset()).isFalse();
  }

  @Must(25)
  @Test
  void m25_ofAChainOneDescriptorIsWrittenAndNoneAfterItWasUsed() {
    int first = read(0, 1);
    int second = read(1, 2);
    rig.queue.offer(first);
    rig.queue.offer(second);
    rig.memory.clearReported();
    rig.driver.kick(0);
    assertNoneWritten(0, 16);
    rig.clock.runNext();
    assertThat(rig.memory.isReported(rig.packed.ring())).as("addr").isFalse();
    assertThat(rig.memory.isReported(rig.packed.ring() + 14)).as("flags").isTrue();
    assertNoneWritten(1, 16);
    rig.memory.clearReported();
    rig.clock.runNext();
    assertNoneWritten(0, 3);
    assertThat(rig.memory.isReported(rig.packed.ring() + 3 * 16 + 14)).isTrue();
    assertNoneWritten(4, 16);
  }

  private void assertNoneWritten(int from, int to) {
    for (int i = 16 * from; i < 16 * to; i++) {
      assertThat(rig.memory.isReported(rig.packed.ring() + i)).as("byte %d", i).isFalse();
    }
  }

  @Must({15, 26})
  @Test
  void m26_theDescriptorsOfAChainAreTakenInTheDriversOrderAlsoAcrossTheEndOfTheRing() {
    for (int round = 0; round < 20; round++) {
      rig.disk.putHeader(area, BlkDriver.T_IN, round);
      List<DriverBuffer> buffers = new ArrayList<>();
      buffers.add(DriverBuffer.readable(area, 9));
      buffers.add(DriverBuffer.readable(area + 9, 7));
      byte[] expected = Arrays.copyOfRange(rig.backend.bytes(), 512 * round, 512 * round + 512);
      for (int i = 7; i >= 0; i--) {
        buffers.add(DriverBuffer.writable(area + 4096 + 64L * i, 64));
      }
      buffers.add(DriverBuffer.writable(area + 32, 1));
      int id = rig.queue.chain(buffers);
      rig.queue.submit(id);
      rig.disk.await();
      assertThat(rig.queue.takeUsed()).isEqualTo(id);
      assertThat(rig.queue.usedLength()).isEqualTo(513);
      for (int i = 0; i < 8; i++) {
        byte[] piece = new byte[64];
        rig.memory.read(area + 4096 + 64L * (7 - i), piece, 0, 64);
        assertThat(piece).isEqualTo(Arrays.copyOfRange(expected, 64 * i, 64 * i + 64));
      }
    }
  }

  @Must({16, 17})
  @Test
  void m17_anIndirectDescriptorsWriteFlagIsIgnoredAndItsTableNeverWritten() {
    long table = rig.driver.allocate(48, 16);
    long status = area + 64;
    rig.disk.putHeader(area, BlkDriver.T_IN, 2);
    // 2.8.7: of the flags in a table only WRITE counts, and no buffer ID.
    rig.packed.put(table, area, 16, 77, AVAIL | PackedDriverRing.F_INDIRECT);
    int write = PackedDriverRing.F_WRITE;
    rig.packed.put(table + 16, area + 512, 512, 78, write | USED | PackedDriverRing.F_NEXT);
    rig.packed.put(table + 32, status, 1, 79, write | PackedDriverRing.F_NEXT);
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
    rig.memory.clearReported();
    rig.packed.put(
        rig.packed.ring(), table, 48, 12345, PackedDriverRing.F_INDIRECT | write | AVAIL);
    rig.memory.clearReported();
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_OK);
    assertThat(id(0)).as("any 16 bits are a buffer ID").isEqualTo(12345);
    assertThat(rig.memory.u32(rig.packed.ring() + 8)).isEqualTo(513);
    for (int i = 0; i < 48; i++) {
      assertThat(rig.memory.isReported(table + i)).isFalse();
    }
  }

  @Must(21)
  @Test
  void m21_lengthAndIdAreInMemoryBeforeTheFlagsHandTheDescriptorOver() {
    long descriptor = rig.packed.ring();
    List<String> stores = new ArrayList<>();
    OrderedMemory memory =
        new OrderedMemory(
            rig.memory,
            (gpa, length) -> {
              if (gpa < descriptor + 16 && gpa + length > descriptor) {
                long seen = rig.memory.u32(descriptor + 8);
                stores.add(gpa - descriptor + "+" + length + " len " + seen + " id " + id(0));
              }
            });
    QueueSetup setup =
        new QueueSetup(
            0,
            16,
            descriptor,
            rig.packed.driverEvent(),
            rig.packed.deviceEvent(),
            256,
            true,
            true,
            true);
    Virtqueue queue = Virtqueue.open(memory, setup);
    rig.packed.put(descriptor, area, 512, 9, PackedDriverRing.F_WRITE | AVAIL);
    DescriptorChain chain = queue.poll();
    rig.memory.putU16(descriptor + 12, 0);
    assertThat(stores).isEmpty();
    queue.push(chain, 77);
    assertThat(stores.getLast()).isEqualTo("14+2 len 77 id 9");
    assertThat(stores.stream().filter(store -> store.startsWith("14"))).hasSize(1);
    assertThat(rig.memory.u16(descriptor + 14) & PackedDriverRing.F_WRITE).isNotZero();
  }

  @Must(21)
  @Test
  void m21_theLengthIsThatOfWhatWasWrittenAndWithoutAnyTheWriteFlagIsClear() {
    rig.queue.submit(read(0, 3));
    rig.disk.await();
    rig.queue.takeUsed();
    assertThat(rig.queue.usedLength()).isEqualTo(3 * 512 + 1);
    rig.disk.putHeader(area, BlkDriver.T_FLUSH, 0);
    int slot = rig.packed.nextAvail();
    rig.queue.submit(rig.queue.chain(List.of(DriverBuffer.readable(area, 16))));
    rig.disk.await();
    rig.queue.takeUsed();
    assertThat(rig.memory.u16(rig.packed.ring() + 16L * slot + 14) & PackedDriverRing.F_WRITE)
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 13, 100, 127, 255, 256, 257, 1000, 1023, 1024})
  void aRingOfAnySizeWorksOverManyWraps(int size) {
    BlkRig any = new BlkRig(wiring, BlkOptions.DEFAULT.withQueueSize(1024));
    any.start(any.driver.offered(), size);
    List<DriverBuffer> flush = any.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    int indirect = any.queue.indirectChain(flush);
    int direct = size > 2 ? any.queue.chain(flush) : indirect;
    int requests = size < 4 ? 70_000 : 4 * size + 1;
    for (int i = 0; i < requests; i++) {
      int id = i % 3 == 0 ? direct : indirect;
      any.queue.offer(id);
      assertThat(any.queue.kickIfWanted()).isTrue();
      any.clock.runNext();
      assertThat(any.queue.takeUsed()).isEqualTo(id);
    }
    assertThat(any.queue.freeDescriptors()).isEqualTo(size);
    assertThat(any.block.counts().flushes()).isEqualTo(requests);
    assertThat(any.needsReset()).isFalse();
  }

  @Test
  void aRingThatIsFullInFlightDrainsInBothDirectionsOfSpeed() {
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 5; i++) {
        rig.queue.offer(read(i, round % 2 == 0 ? 5 - i : 1 + i));
      }
      rig.driver.kick(0);
      assertThat(rig.block.requestsInFlight()).isEqualTo(5);
      rig.clock.runAll(10);
      for (int i = 0; i < 5; i++) {
        rig.queue.takeUsed();
      }
      assertThat(rig.queue.freeDescriptors()).isEqualTo(16);
    }
  }
}

package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.RawPackedRing;
import dev.monoceros.virtio.RawPackedRing.Raw;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.PackedDriverRing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains no driver may build in a packed ring. Each comes back, or the device asks for a reset. */
@ParameterizedClass
@EnumSource(names = {"PCI_PACKED", "MMIO_PACKED"})
class PackedBadChainTest {
  private static final int NEXT = PackedDriverRing.F_NEXT;
  private static final int WRITE = PackedDriverRing.F_WRITE;
  private static final int INDIRECT = PackedDriverRing.F_INDIRECT;
  private static final long OUTSIDE = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES;
  private static final int SIZE = 16;
  private static final int BUFFER_ID = 4711;

  private final BlkRig rig;
  private RawPackedRing ring;
  private long header;
  private long data;
  private long status;
  private long table;

  PackedBadChainTest(Wiring wiring) {
    this.rig = BlkRig.started(wiring);
  }

  @BeforeEach
  void prepare() {
    ring = new RawPackedRing(rig);
    header = rig.driver.allocate(16, 16);
    data = rig.driver.allocate(4096, 4096);
    table = rig.driver.allocate(16 * 512, 16);
    status = rig.driver.allocate(1, 1);
    rig.disk.putHeader(header, BlkDriver.T_IN, 0);
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
  }

  /** Unless a reset is needed, the same queue goes on; after one, so does the device. */
  @AfterEach
  void theDeviceWorksOn() {
    if (rig.needsReset()) {
      rig.start(SIZE);
      assertThat(rig.disk.read(0, 1)).hasSize(512);
      return;
    }
    rig.disk.putHeader(header, BlkDriver.T_IN, 0);
    for (int i = 0; i < SIZE; i++) {
      rig.memory.putU8(status, BlkDriver.NO_STATUS);
      ring.offer(i, good());
      rig.driver.kick(0);
      rig.clock.runAll(10);
      assertThat(ring.take(3)).isEqualTo(new RawPackedRing.Used(i, 513));
      assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_OK);
    }
  }

  private List<Raw> good() {
    return List.of(
        new Raw(header, 16, NEXT), new Raw(data, 512, NEXT | WRITE), new Raw(status, 1, WRITE));
  }

  private void comesBack(int expectedStatus, Raw... descriptors) {
    ring.offer(BUFFER_ID, List.of(descriptors));
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(ring.take(descriptors.length))
        .as("its ID, and nothing certain was written")
        .isEqualTo(new RawPackedRing.Used(BUFFER_ID, 0));
    assertThat(ring.hasUsed()).isFalse();
    assertThat(rig.memory.u8(status)).isEqualTo(expectedStatus);
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.interrupt.isAsserted()).isTrue();
    assertThat(rig.block.counts().refused()).isEqualTo(1);
    assertThat(rig.backend.reads()).isZero();
  }

  private void needsReset(String reason) {
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(rig.needsReset()).isTrue();
    assertThat(rig.driver.readIsr() & 2).as("a configuration interrupt (4)").isNotZero();
    assertThat(rig.resetReason()).contains(reason);
  }

  @Must({4, Must.BAD_CHAIN})
  @Test
  void aChainWithoutEndNeedsAReset() {
    ring.offer(1, Collections.nCopies(SIZE, new Raw(data, 16, NEXT)));
    needsReset("queue 0: its packed ring offers descriptors that are still in flight");
    assertThat(ring.hasUsed()).isFalse();
    assertThat(rig.block.requestsInFlight()).isZero();
  }

  @Must({4, 25, Must.BAD_CHAIN})
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15})
  void aChainThatGoesOnToADescriptorNotAvailableNeedsAReset(int length) {
    ring.offer(1, Collections.nCopies(length, new Raw(data, 16, NEXT)));
    needsReset("queue 0: a chain of its packed ring goes on to a descriptor not made available");
    assertThat(ring.hasUsed()).isFalse();
  }

  @Must({4, Must.BAD_CHAIN})
  @Test
  void aDescriptorMadeAvailableAgainInFlightNeedsAResetAndTheOthersStillComeBack() {
    for (int i = 0; i < SIZE; i++) {
      rig.memory.putU8(status, BlkDriver.NO_STATUS);
      ring.offer(i, List.of(new Raw(status, 1, WRITE)));
    }
    rig.driver.kick(0);
    assertThat(rig.block.requestsInFlight()).isEqualTo(SIZE);
    ring.offer(99, List.of(new Raw(status, 1, WRITE)));
    rig.driver.kick(0);
    assertThat(rig.needsReset()).isTrue();
    assertThat(rig.resetReason().orElseThrow()).contains("still in flight");
    rig.clock.runAll(40);
    for (int i = 0; i < SIZE; i++) {
      assertThat(ring.take(1).id()).isEqualTo(i);
    }
    assertThat(rig.block.requestsInFlight()).isZero();
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectDescriptorWithANextOneComesBackWithIoerr() {
    rig.packed.put(table, header, 16, 0, 0);
    comesBack(BlkDriver.S_IOERR, new Raw(table, 16, INDIRECT | NEXT), new Raw(status, 1, WRITE));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectDescriptorAtTheEndOfAChainComesBack() {
    rig.packed.put(table, status, 1, 0, WRITE);
    comesBack(BlkDriver.NO_STATUS, new Raw(header, 16, NEXT), new Raw(table, 16, INDIRECT));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectDescriptorThatWasNotNegotiatedComesBack() {
    rig.start(rig.driver.offered() & ~BlkRig.INDIRECT, SIZE);
    ring = new RawPackedRing(rig);
    rig.packed.put(table, header, 16, 0, 0);
    rig.packed.put(table + 16, status, 1, 0, WRITE);
    comesBack(BlkDriver.NO_STATUS, new Raw(table, 32, INDIRECT));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aTableInATableIsABufferLikeAnyOther() {
    rig.packed.put(table + 64, status, 1, 0, WRITE);
    rig.packed.put(table, header, 16, 0, 0);
    rig.packed.put(table + 16, table + 64, 16, 0, INDIRECT);
    rig.packed.put(table + 32, status, 1, 0, WRITE);
    ring.offer(BUFFER_ID, List.of(new Raw(table, 48, INDIRECT)));
    rig.driver.kick(0);
    rig.clock.runAll(10);
    // 2.8.7: INDIRECT does not count there, so this is a read with data of the wrong direction.
    assertThat(ring.take(1)).isEqualTo(new RawPackedRing.Used(BUFFER_ID, 1));
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 17, 40})
  void anIndirectTableOfOddLengthComesBack(long length) {
    rig.packed.put(table, status, 1, 0, WRITE);
    comesBack(BlkDriver.NO_STATUS, new Raw(table, length, INDIRECT));
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(longs = {0, OUTSIDE - 16, OUTSIDE, -32, Long.MIN_VALUE})
  void anIndirectTableOutsideRamComesBack(long address) {
    comesBack(BlkDriver.NO_STATUS, new Raw(address, 32, INDIRECT));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectTableLongerThanTheDevicesQueueComesBackAndOneAsLongWorks() {
    longTable(256);
    ring.offer(7, List.of(new Raw(table, 16 * 256, INDIRECT)));
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(ring.take(1)).isEqualTo(new RawPackedRing.Used(7, 513));
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_OK);
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
    longTable(257);
    ring.offer(8, List.of(new Raw(table, 16 * 257, INDIRECT)));
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(ring.take(1)).isEqualTo(new RawPackedRing.Used(8, 0));
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.NO_STATUS);
    assertThat(rig.block.counts().refused()).isEqualTo(1);
  }

  /** A good read of one sector in so many descriptors. */
  private void longTable(int descriptors) {
    List<Raw> all = new ArrayList<>();
    all.add(new Raw(header, 16, 0));
    int pieces = descriptors - 2;
    for (int i = 0; i < pieces; i++) {
      all.add(new Raw(data + i, i < pieces - 1 ? 1 : 512 - i, WRITE));
    }
    all.add(new Raw(status, 1, WRITE));
    for (int i = 0; i < all.size(); i++) {
      Raw raw = all.get(i);
      rig.packed.put(table + 16L * i, raw.address(), raw.length(), 0, raw.flags());
    }
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aZeroLengthBufferComesBackWithIoerr() {
    comesBack(
        BlkDriver.S_IOERR,
        new Raw(header, 16, NEXT),
        new Raw(data, 0, NEXT | WRITE),
        new Raw(status, 1, WRITE));
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(
      longs = {0, BlkRig.MEMORY_BASE - 1, OUTSIDE - 511, OUTSIDE, -512, -1, Long.MIN_VALUE})
  void aBufferOutsideRamComesBackWithIoerr(long address) {
    comesBack(
        BlkDriver.S_IOERR,
        new Raw(header, 16, NEXT),
        new Raw(address, 512, NEXT | WRITE),
        new Raw(status, 1, WRITE));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aStatusOutsideRamComesBackUnanswered() {
    comesBack(
        BlkDriver.NO_STATUS,
        new Raw(header, 16, NEXT),
        new Raw(status, 1, NEXT | WRITE),
        new Raw(OUTSIDE, 1, WRITE));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aReadableBufferAfterAWritableOneComesBackWithIoerr() {
    comesBack(
        BlkDriver.S_IOERR,
        new Raw(data, 512, NEXT | WRITE),
        new Raw(header, 16, NEXT),
        new Raw(status, 1, WRITE));
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aBadChainAcrossTheEndOfTheRingFreesExactlyItsPlaces() {
    for (int i = 0; i < 5; i++) {
      rig.memory.putU8(status, BlkDriver.NO_STATUS);
      ring.offer(i, good());
      rig.driver.kick(0);
      rig.clock.runAll(10);
      ring.take(3);
    }
    assertThat(ring.next()).isEqualTo(15);
    long reads = rig.backend.reads();
    ring.offer(
        BUFFER_ID,
        List.of(
            new Raw(header, 16, NEXT),
            new Raw(0, 512, NEXT | WRITE),
            new Raw(data, 0, NEXT | WRITE),
            new Raw(status, 1, WRITE)));
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(ring.take(4)).isEqualTo(new RawPackedRing.Used(BUFFER_ID, 0));
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.backend.reads()).isEqualTo(reads);
  }
}

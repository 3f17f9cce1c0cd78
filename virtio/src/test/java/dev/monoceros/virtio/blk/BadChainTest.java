package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains no driver may build. Each comes back, or the device asks for a reset. */
@ParameterizedClass
@EnumSource(Bus.class)
class BadChainTest {
  private static final int NEXT = DriverRing.F_NEXT;
  private static final int WRITE = DriverRing.F_WRITE;
  private static final int INDIRECT = DriverRing.F_INDIRECT;
  private static final long OUTSIDE = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES;

  private BlkRig rig;
  private DriverRing ring;
  private long header;
  private long data;
  private long status;

  private final Bus bus;

  BadChainTest(Bus bus) {
    this.bus = bus;
  }

  @BeforeEach
  void start() {
    rig = BlkRig.started(bus);
    ring = rig.ring;
    header = rig.driver.allocate(16, 16);
    data = rig.driver.allocate(4096, 4096);
    status = rig.driver.allocate(1, 1);
    rig.disk.putHeader(header, BlkDriver.T_IN, 0);
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
  }

  /**
   * Whatever was wrong: unless a reset is needed, the queue goes on; after one, so does the device.
   */
  @AfterEach
  void theDeviceWorksOn() {
    if (rig.needsReset()) {
      rig.start(16);
    }
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  private void headComesBack(int head, int expectedStatus) {
    ring.submit(head);
    rig.clock.runAll(10);
    assertThat(ring.hasUsed()).isTrue();
    assertThat(ring.takeUsed()).isEqualTo(head);
    assertThat(ring.usedLength()).as("nothing certain was written").isZero();
    assertThat(rig.memory.u8(status)).isEqualTo(expectedStatus);
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.interrupt.isAsserted()).isTrue();
    assertThat(rig.block.counts().refused()).isEqualTo(1);
    assertThat(rig.backend.reads()).isZero();
  }

  private void needsReset(String reason) {
    rig.clock.runAll(10);
    assertThat(rig.needsReset()).isTrue();
    assertThat(rig.driver.readIsr() & 2).as("a configuration interrupt (4)").isNotZero();
    assertThat(rig.resetReason()).contains(reason);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aLoopComesBack() {
    ring.describe(0, header, 16, NEXT, 1);
    ring.describe(1, data, 512, NEXT | WRITE, 2);
    ring.describe(2, data, 512, NEXT | WRITE, 1);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aDescriptorThatNamesItselfComesBack() {
    ring.describe(5, status, 1, NEXT | WRITE, 5);
    headComesBack(5, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aLoopInsideAnIndirectTableComesBack() {
    long table = rig.driver.allocate(32, 16);
    ring.putDescriptor(table, header, 16, NEXT, 1);
    ring.putDescriptor(table + 16, status, 1, NEXT | WRITE, 0);
    ring.describe(0, table, 32, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(ints = {16, 17, 255, 65535})
  void aNextDescriptorOutsideTheTableComesBack(int next) {
    ring.describe(0, header, 16, NEXT, next);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aNextDescriptorOutsideTheIndirectTableComesBackAlsoIfTheQueueHasIt() {
    long table = rig.driver.allocate(64, 16);
    ring.putDescriptor(table, header, 16, NEXT, 2);
    ring.putDescriptor(table + 32, status, 1, WRITE, 0);
    ring.describe(0, table, 32, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aZeroLengthBufferComesBackWithIoerr() {
    ring.describe(0, header, 16, NEXT, 1);
    ring.describe(1, data, 0, NEXT | WRITE, 2);
    ring.describe(2, status, 1, WRITE, 0);
    headComesBack(0, BlkDriver.S_IOERR);
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(
      longs = {0, BlkRig.MEMORY_BASE - 1, OUTSIDE - 511, OUTSIDE, -512, -1, Long.MIN_VALUE})
  void aBufferOutsideRamComesBackWithIoerr(long address) {
    ring.describe(0, header, 16, NEXT, 1);
    ring.describe(1, address, 512, NEXT | WRITE, 2);
    ring.describe(2, status, 1, WRITE, 0);
    headComesBack(0, BlkDriver.S_IOERR);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aStatusOutsideRamComesBackUnanswered() {
    ring.describe(0, header, 16, NEXT, 1);
    ring.describe(1, status, 1, NEXT | WRITE, 2);
    ring.describe(2, OUTSIDE, 1, WRITE, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aReadableBufferAfterAWritableOneComesBackWithIoerr() {
    ring.describe(0, data, 512, NEXT | WRITE, 1);
    ring.describe(1, header, 16, NEXT, 2);
    ring.describe(2, status, 1, WRITE, 0);
    headComesBack(0, BlkDriver.S_IOERR);
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 17, 40})
  void anIndirectTableOfOddLengthComesBack(long length) {
    long table = ring.indirectTable(List.of(DriverBuffer.writable(status, 1)));
    ring.describe(0, header, 16, NEXT, 1);
    ring.describe(1, table, length, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectTableOutsideRamComesBack() {
    ring.describe(0, OUTSIDE, 16, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectTableWhoseEndIsOutsideRamComesBackThoughItsEndIsNotUsed() {
    ring.putDescriptor(OUTSIDE - 16, status, 1, WRITE, 0);
    ring.describe(0, OUTSIDE - 16, 32, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectTableInAnIndirectTableComesBack() {
    long inner = ring.indirectTable(List.of(DriverBuffer.writable(status, 1)));
    long outer = rig.driver.allocate(32, 16);
    ring.putDescriptor(outer, header, 16, NEXT, 1);
    ring.putDescriptor(outer + 16, inner, 16, INDIRECT, 0);
    ring.describe(0, outer, 32, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectDescriptorWithANextOneComesBack() {
    long table =
        ring.indirectTable(
            List.of(DriverBuffer.readable(header, 16), DriverBuffer.writable(status, 1)));
    ring.describe(0, table, 32, INDIRECT | NEXT, 1);
    ring.describe(1, status, 1, WRITE, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anIndirectDescriptorThatWasNotNegotiatedComesBack() {
    rig.start(rig.driver.offered() & ~BlkRig.INDIRECT, 16);
    ring = rig.ring;
    long table =
        ring.indirectTable(
            List.of(DriverBuffer.readable(header, 16), DriverBuffer.writable(status, 1)));
    ring.describe(0, table, 32, INDIRECT, 0);
    headComesBack(0, BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aChainLongerThanTheDevicesQueueComesBack() {
    headComesBack(ring.indirectChain(List.of(), longChain(257)), BlkDriver.NO_STATUS);
  }

  @Test
  void aChainAsLongAsTheDevicesQueueWorksAlsoInAShorterQueue() {
    int head = ring.indirectChain(List.of(), longChain(256));
    ring.submit(head);
    rig.clock.runAll(10);
    assertThat(ring.takeUsed()).isEqualTo(head);
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_OK);
  }

  /** A good read of one sector in as many descriptors as asked for, the status in the last. */
  private List<DriverBuffer> longChain(int descriptors) {
    List<DriverBuffer> buffers = new ArrayList<>();
    buffers.add(DriverBuffer.readable(header, 16));
    int pieces = descriptors - 2;
    for (int i = 0; i < pieces; i++) {
      buffers.add(DriverBuffer.writable(data + i, i < pieces - 1 ? 1 : 512 - i));
    }
    buffers.add(DriverBuffer.writable(status, 1));
    return buffers;
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void anAvailableHeadOutsideTheTableNeedsAReset() {
    ring.submit(16);
    needsReset("queue 0: its available ring names a descriptor outside the table");
    assertThat(ring.hasUsed()).isFalse();
  }

  @Must({4, Must.AVAIL_JUMP})
  @ParameterizedTest
  @ValueSource(ints = {17, 18, 1000, 32768, 65535})
  void anAvailableIndexThatJumpsByMoreThanTheQueueNeedsAReset(int jump) {
    ring.setAvailIndex(jump);
    rig.driver.kick(0);
    needsReset("queue 0: its available index jumped by more than the queue size");
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(ring.hasUsed()).isFalse();
    assertThat(rig.block.counts().requests()).isZero();
  }

  @Must(Must.AVAIL_JUMP)
  @Test
  void anAvailableIndexAheadByTheWholeQueueIsNoJump() {
    List<DriverBuffer> flush = rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 16; i++) {
        ring.offer(ring.indirectChain(List.of(), flush));
      }
      rig.driver.kick(0);
      rig.clock.runAll(20);
      for (int i = 0; i < 16; i++) {
        ring.takeUsed();
      }
      assertThat(ring.hasUsed()).isFalse();
    }
    assertThat(rig.needsReset()).isFalse();
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aHeadOfferedTwiceNeedsAResetAndTheFirstStillComesBack() {
    int head = ring.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true));
    ring.submit(head);
    ring.submit(head);
    needsReset("queue 0: its available ring offers a chain that is still in flight");
    assertThat(ring.takeUsed()).isEqualTo(head);
    assertThat(ring.hasUsed()).isFalse();
  }

  @Must({2, 4})
  @Test
  void aDeviceThatNeedsAResetTakesNothingMore() {
    ring.submit(16);
    ring.submit(ring.chain(rig.disk.request(BlkDriver.T_OUT, 0, 512, false)));
    rig.clock.runAll(10);
    assertThat(rig.backend.writes()).isZero();
    assertThat(ring.hasUsed()).isFalse();
    assertThat(rig.needsReset()).isTrue();
  }
}

package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packed virtqueue by its rules (2.8), the ring's bytes looked at one by one. */
class PackedConformanceTest {
  private static final int SIZE = 8;
  private static final int NEXT = PackedDriverRing.F_NEXT;
  private static final int WRITE = PackedDriverRing.F_WRITE;
  private static final int INDIRECT = PackedDriverRing.F_INDIRECT;

  private final BlkRig rig = new BlkRig(BlkOptions.DEFAULT.withShownFeatures(BlkRig.RING_PACKED));
  private PackedDriverRing ring;
  private BlkDriver disk;
  private long area;

  @BeforeEach
  void start() {
    start(rig.driver.offered(), SIZE);
  }

  private void start(long features, int size) {
    ring = (PackedDriverRing) rig.driver.startQueues(features, 1, size)[0];
    disk = new BlkDriver(rig.driver, ring, rig.clock, BlkRig.DATA_BYTES);
    area = rig.driver.allocate(8192, 4096);
    byte[] contents = BlkRig.pattern(rig.backend.bytes().length, 2);
    System.arraycopy(contents, 0, rig.backend.bytes(), 0, contents.length);
  }

  private long descriptor(int slot) {
    return ring.ring() + 16L * slot;
  }

  private int flags(int slot) {
    return rig.memory.u16(descriptor(slot) + 14);
  }

  private int flush() {
    return ring.chain(disk.request(BlkDriver.T_FLUSH, 0, 0, false));
  }

  private int read(int sectors) {
    return ring.chain(disk.request(BlkDriver.T_IN, 0, sectors * 512L, true));
  }

  @Must(24)
  @Test
  void m24_chainsAreTakenInRingOrderAndWrittenBackInTheOrderOfCompletion() {
    int slow = read(8);
    int quick = read(1);
    ring.offer(slow);
    ring.offer(quick);
    rig.driver.kick(0);
    rig.clock.runNext();
    assertThat(ring.takeUsed()).as("the quick one is done first").isEqualTo(quick);
    assertThat(rig.memory.u16(descriptor(0) + 12)).as("at the ring's start").isEqualTo(quick);
    assertThat(ring.hasUsed()).isFalse();
    rig.clock.runNext();
    assertThat(rig.memory.u16(descriptor(3) + 12)).as("behind it").isEqualTo(slow);
    assertThat(ring.takeUsed()).isEqualTo(slow);
    assertThat(ring.usedLength()).isEqualTo(8 * 512 + 1);
  }

  @Must({21, 24})
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 7, 8, 100, 256})
  void m24_theRingWrapsAtAnySizeAndGoesOn(int size) {
    start(rig.driver.offered(), size);
    for (int i = 0; i < 5 * size; i++) {
      int sector = i % 16;
      assertThat(disk.read(sector, 1))
          .isEqualTo(Arrays.copyOfRange(rig.backend.bytes(), sector * 512, sector * 512 + 512));
      assertThat(ring.usedLength()).isEqualTo(513);
    }
    assertThat(ring.freeDescriptors()).isEqualTo(size);
  }

  @Must(25)
  @Test
  void m25_aDescriptorIsNotUsedBeforeItsAvailFlagFlips() {
    for (int round = 0; round < 2 * SIZE; round++) {
      int head = flush();
      rig.driver.kick(0);
      rig.clock.runAll(2);
      assertThat(ring.hasUsed()).isFalse();
      assertThat(rig.block.requestsInFlight()).isZero();
      ring.submit(head);
      rig.clock.runAll(2);
      assertThat(ring.takeUsed()).isEqualTo(head);
      assertThat(rig.needsReset()).isFalse();
    }
    assertThat(rig.block.counts().flushes()).isEqualTo(2 * SIZE);
  }

  @Must(25)
  @ParameterizedTest
  @ValueSource(ints = {0x8080, 0x8000, 0})
  void m25_flagsThatDoNotMakeADescriptorAvailableAreLeftAlone(int flags) {
    disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    ring.put(descriptor(0), disk.statusAddress(), 1, 0, WRITE | flags);
    byte[] before = rig.memory.snapshot();
    rig.driver.kick(0);
    rig.clock.runAll(2);
    rig.memory.putU32(ring.deviceEvent(), 0);
    byte[] after = rig.memory.snapshot();
    int at = (int) (ring.deviceEvent() - BlkRig.MEMORY_BASE);
    Arrays.fill(before, at, at + 4, (byte) 0);
    assertThat(after).isEqualTo(before);
    assertThat(rig.block.counts().requests()).isZero();
  }

  @Must(25)
  @Test
  void m25_aChainWhoseRestIsNotAvailableIsNotUsed() {
    disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    ring.put(descriptor(0), area, 16, 0, NEXT | ring.availableFlags());
    ring.put(descriptor(1), disk.statusAddress(), 1, 0, WRITE);
    rig.driver.kick(0);
    rig.clock.runAll(2);
    assertThat(disk.status()).isEqualTo(BlkDriver.NO_STATUS);
    assertThat(rig.block.counts().requests()).isZero();
    assertThat(rig.needsReset()).isTrue();
  }

  @Must({21, 25})
  @Test
  void m25_lengthAndIdAreInMemoryWhenTheFlagsAreWrittenAndNothingIsWrittenAfterThem() {
    List<String> writes = new ArrayList<>();
    OrderedMemory watched =
        new OrderedMemory(
            rig.memory,
            (gpa, length) -> {
              if (gpa >= ring.ring() && gpa < ring.ring() + 16L * SIZE) {
                boolean used = (flags(0) & 0x8080) == 0x8080;
                writes.add(
                    used
                        ? "used " + rig.memory.u16(descriptor(0) + 12) + " " + lengthOf(0)
                        : "not yet");
              }
            });
    QueueSetup setup =
        new QueueSetup(
            0, SIZE, ring.ring(), ring.driverEvent(), ring.deviceEvent(), 256, true, true, true);
    Virtqueue queue = Virtqueue.open(watched, setup);
    int id = read(1);
    ring.offer(id);
    DescriptorChain chain = queue.poll();
    assertThat(writes).as("taking writes nothing").isEmpty();
    queue.push(chain, 77);
    assertThat(writes).endsWith("used " + id + " 77");
    assertThat(writes.subList(0, writes.size() - 1)).containsOnly("not yet");
  }

  private long lengthOf(int slot) {
    return rig.memory.u32(descriptor(slot) + 8);
  }

  @Must({21, 25})
  @Test
  void m25_aUsedDescriptorStaysAsItIs() {
    ring.submit(read(1));
    rig.clock.runAll(2);
    ring.takeUsed();
    byte[] used = new byte[16];
    rig.memory.read(descriptor(0), used, 0, 16);
    ring.submit(flush());
    rig.clock.runAll(2);
    byte[] later = new byte[16];
    rig.memory.read(descriptor(0), later, 0, 16);
    assertThat(later).isEqualTo(used);
    assertThat(lengthOf(0)).isEqualTo(513);
    assertThat(flags(0)).as("AVAIL, USED, and WRITE since the length counts").isEqualTo(0x8082);
  }

  @Must(26)
  @Test
  void m26_chainedDescriptorsAreUsedInTheDriversOrderAndTheLastOnesIdCounts() {
    disk.putHeader(area, BlkDriver.T_IN, 3);
    int available = ring.availableFlags();
    rig.memory.putU8(area + 4096 + 300, BlkDriver.NO_STATUS);
    ring.put(descriptor(1), area + 6, 10, 6, NEXT | available);
    ring.put(descriptor(2), area + 1024, 500, 5, NEXT | WRITE | available);
    ring.put(descriptor(3), area + 512, 12, 4, NEXT | WRITE | available);
    ring.put(descriptor(4), area + 4096 + 300, 1, 3, WRITE | available);
    ring.put(descriptor(0), area, 6, 7, NEXT | available);
    rig.driver.kick(0);
    rig.clock.runAll(2);
    byte[] data = new byte[512];
    rig.memory.read(area + 1024, data, 0, 500);
    rig.memory.read(area + 512, data, 500, 12);
    assertThat(data).isEqualTo(Arrays.copyOfRange(rig.backend.bytes(), 3 * 512, 4 * 512));
    assertThat(rig.memory.u8(area + 4096 + 300)).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.memory.u16(descriptor(0) + 12)).as("buffer ID of the list").isEqualTo(3);
    assertThat(lengthOf(0)).isEqualTo(513);
  }

  @Must({17, 26})
  @Test
  void m26_entriesOfAnIndirectTableAreUsedInTheirOrder() {
    disk.putHeader(area, BlkDriver.T_IN, 3);
    rig.memory.putU8(area + 4096, BlkDriver.NO_STATUS);
    int id =
        ring.indirectChain(
            List.of(
                DriverBuffer.readable(area, 6),
                DriverBuffer.readable(area + 6, 10),
                DriverBuffer.writable(area + 1024, 500),
                DriverBuffer.writable(area + 512, 12),
                DriverBuffer.writable(area + 4096, 1)));
    ring.offer(id);
    rig.memory.putU16(descriptor(0) + 14, flags(0) | WRITE);
    rig.driver.kick(0);
    rig.clock.runAll(2);
    assertThat(ring.takeUsed()).isEqualTo(id);
    byte[] data = new byte[512];
    rig.memory.read(area + 1024, data, 0, 500);
    rig.memory.read(area + 512, data, 500, 12);
    assertThat(data).isEqualTo(Arrays.copyOfRange(rig.backend.bytes(), 3 * 512, 4 * 512));
    assertThat(rig.memory.u8(area + 4096)).isEqualTo(BlkDriver.S_OK);
    assertThat(ring.freeDescriptors()).isEqualTo(SIZE);
  }

  /** One flush; whether it raised INTx. */
  private boolean interrupts() {
    rig.driver.readIsr();
    ring.submit(flush());
    rig.clock.runAll(2);
    ring.takeUsed();
    return rig.interrupt.isAsserted();
  }

  @Must(19)
  @Test
  void m19_packedFlagsEnableAndDisable() {
    assertThat(interrupts()).isTrue();
    ring.setEventFlags(PackedDriverRing.EVENT_DISABLE);
    assertThat(interrupts()).isFalse();
    ring.setEventFlags(PackedDriverRing.EVENT_ENABLE);
    assertThat(interrupts()).isTrue();
  }

  @Must(20)
  @Test
  void m20_packedTheNotificationComesExactlyWithTheDescriptorNamed() {
    ring.setEventFlags(PackedDriverRing.EVENT_DESC);
    for (int event = 0; event < 6 * SIZE; event += 2) {
      // Each flush takes two descriptors; the event is at the first of every third one.
      if (event % 6 == 0) {
        int named = event + 4;
        ring.setEventDescriptor(named % SIZE, named / SIZE % 2 == 0);
      }
      assertThat(interrupts()).as("descriptor %d", event).isEqualTo(event % 6 == 4);
    }
  }

  @Must({20, 22})
  @Test
  void m20_packedTheDeviceAsksForTheVeryNextDescriptor() {
    for (int i = 0; i < 3 * SIZE; i++) {
      ring.offer(flush());
      assertThat(ring.kickIfWanted()).as("chain %d", i).isTrue();
      rig.clock.runAll(2);
      ring.takeUsed();
      assertThat(ring.deviceEventFlags()).isEqualTo(PackedDriverRing.EVENT_DESC);
      assertThat(ring.deviceEventDescriptor())
          .isEqualTo(ring.nextAvail() | (ring.availWrap() ? 1 << 15 : 0));
    }
  }

  @Must({19, 22})
  @Test
  void m22_packedWithoutEventIdxTheDeviceAlwaysAsks() {
    start(rig.driver.offered() & ~BlkRig.EVENT_IDX, SIZE);
    ring.setEventFlags(PackedDriverRing.EVENT_DESC);
    ring.setEventDescriptor(6, true);
    assertThat(interrupts()).as("no event without EVENT_IDX").isTrue();
    assertThat(ring.deviceEventFlags()).isEqualTo(PackedDriverRing.EVENT_ENABLE);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aPackedChainWithoutEndNeedsAReset() {
    int available = ring.availableFlags();
    for (int i = 0; i < SIZE; i++) {
      ring.put(descriptor(i), area, 16, i, NEXT | available);
    }
    rig.driver.kick(0);
    rig.clock.runAll(2);
    assertThat(rig.needsReset()).isTrue();
    assertThat(rig.resetReason()).isPresent();
    start();
    assertThat(disk.read(0, 1)).hasSize(512);
  }

  @Must(Must.BAD_CHAIN)
  @ParameterizedTest
  @ValueSource(ints = {0, 15, 17, 31, 33, 47})
  void aPackedIndirectTableOfOddLengthComesBack(int length) {
    flushTable(area);
    ring.put(descriptor(0), area, length, 5, INDIRECT | ring.availableFlags());
    comesBack(5);
    assertThat(disk.status()).isEqualTo(BlkDriver.NO_STATUS);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aPackedIndirectTableThatIsNotAllInRamComesBack() {
    long table = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES - 32;
    flushTable(table);
    ring.put(descriptor(0), table, 48, 5, INDIRECT | ring.availableFlags());
    comesBack(5);
    assertThat(disk.status()).isEqualTo(BlkDriver.NO_STATUS);
  }

  /** Two entries that would make a good request, and its status wiped. */
  private void flushTable(long table) {
    disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    disk.putHeader(area + 256, BlkDriver.T_FLUSH, 0);
    ring.put(table, area + 256, 16, 0, 0);
    ring.put(table + 16, disk.statusAddress(), 1, 0, WRITE);
  }

  @Must(Must.BAD_CHAIN)
  @Test
  void aPackedIndirectDescriptorInAListComesBackWithTheListsId() {
    disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    int available = ring.availableFlags();
    ring.put(area, disk.statusAddress(), 1, 0, WRITE);
    ring.put(descriptor(1), area, 16, 6, INDIRECT | available);
    ring.put(descriptor(0), area + 64, 16, 1, NEXT | available);
    comesBack(6);
    assertThat(disk.status()).isEqualTo(BlkDriver.NO_STATUS);
  }

  private void comesBack(int id) {
    rig.driver.kick(0);
    rig.clock.runAll(2);
    assertThat(flags(0) & 0x8080).as("the first descriptor is used").isEqualTo(0x8080);
    assertThat(rig.memory.u16(descriptor(0) + 12)).isEqualTo(id);
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.block.counts().refused()).isEqualTo(1);
  }

  @Must(38)
  @Test
  void m38_anySizeUpToTheMaximumIsTakenForAPackedQueueOnly() {
    rig.driver.negotiate(rig.driver.offered());
    rig.driver.writeCommon(22, 2, 0);
    for (int size : new int[] {1, 3, 255, 256}) {
      rig.driver.writeCommon(24, 2, size);
      assertThat(rig.driver.readCommon(24, 2)).isEqualTo(size);
    }
    rig.driver.writeCommon(24, 2, 257);
    assertThat(rig.driver.readCommon(24, 2)).isEqualTo(256);
    rig.driver.negotiate(rig.driver.offered() & ~BlkRig.RING_PACKED);
    rig.driver.writeCommon(22, 2, 0);
    rig.driver.writeCommon(24, 2, 3);
    assertThat(rig.driver.readCommon(24, 2)).isEqualTo(256);
  }
}

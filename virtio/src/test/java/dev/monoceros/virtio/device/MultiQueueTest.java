package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.PackedDriverRing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Up to 16 request queues (VIRTIO_BLK_F_MQ). */
@ParameterizedClass
@EnumSource(Wiring.class)
class MultiQueueTest {
  private static final int NUM_QUEUES = 34;
  private static final int NO_VECTOR = 0xFFFF;

  private final Wiring wiring;

  MultiQueueTest(Wiring wiring) {
    this.wiring = wiring;
  }

  private BlkRig start(int queues) {
    BlkRig rig = new BlkRig(wiring, BlkOptions.DEFAULT.withQueues(queues));
    byte[] contents = BlkRig.pattern(rig.backend.bytes().length, 5);
    System.arraycopy(contents, 0, rig.backend.bytes(), 0, contents.length);
    return rig.startQueues(rig.driver.offered(), queues, 16);
  }

  /** Offers a read of sector {@code sector} and returns its chain. */
  private static int offer(BlkRig rig, int queue, int sector, int sectors) {
    DriverQueue ring = rig.queues[queue];
    int id = ring.chain(rig.request(BlkDriver.T_IN, sector, 512L * sectors, true));
    ring.offer(id);
    return id;
  }

  @Must({12, 38})
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 15, 16})
  void everyQueueIsServedAndTheirNumberIsTold(int queues) {
    BlkRig rig = start(queues);
    assertThat((rig.driver.offered() & BlkRig.MQ) != 0).isEqualTo(queues > 1);
    assertThat(rig.driver.readConfig(NUM_QUEUES, 2)).isEqualTo(queues > 1 ? queues : 0);
    assertThat(rig.driver.readCommon(FakeDriver.NUM_QUEUES, 2)).isEqualTo(queues);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < queues; i++) {
        byte[] data = rig.diskOn(i, 512).read(i + round, 1);
        int from = 512 * (i + round);
        assertThat(data).isEqualTo(Arrays.copyOfRange(rig.backend.bytes(), from, from + 512));
      }
    }
    rig.driver.kick(queues);
    assertThat(rig.needsReset()).isFalse();
  }

  @Test
  void requestsOfAllQueuesAreInFlightTogetherAndEachComesBackWhereItWasOffered() {
    BlkRig rig = start(16);
    int[] ids = new int[16];
    for (int i = 0; i < 16; i++) {
      ids[i] = offer(rig, i, i, 1 + (5 * i) % 16);
    }
    for (int i = 15; i >= 0; i--) {
      rig.driver.kick(i);
    }
    assertThat(rig.block.requestsInFlight()).isEqualTo(16);
    rig.clock.runAll(20);
    for (int i = 0; i < 16; i++) {
      assertThat(rig.queues[i].takeUsed()).isEqualTo(ids[i]);
      assertThat(rig.queues[i].usedLength()).isEqualTo(512L * (1 + (5 * i) % 16) + 1);
      assertThat(rig.queues[i].hasUsed()).isFalse();
    }
  }

  @Must(2)
  @Test
  void aQueueThatWasNotEnabledIsNotServed() {
    BlkRig rig = new BlkRig(wiring, BlkOptions.DEFAULT.withQueues(4));
    rig.startQueues(rig.driver.offered(), 2, 16);
    rig.driver.kick(2);
    rig.driver.kick(3);
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.diskOn(1, 512).read(0, 1)).hasSize(512);
    assertThat(rig.needsReset()).isFalse();
  }

  @Must({47, 49})
  @Test
  void m47_eachQueueInterruptsThroughItsOwnVectorAndNoOther() {
    if (wiring.bus() != Bus.PCI) {
      return; // MMIO has one pin for all
    }
    int queues = 16;
    BlkOptions options = wiring.format().offeredBy(BlkOptions.DEFAULT.withQueues(queues));
    BlkRig rig =
        new BlkRig(
            wiring.bus(), new MemoryBackend(BlkRig.SECTORS), options, LatencyModel.DEFAULT, 18);
    rig.interrupt.enableMsix(true);
    rig.startQueues(rig.driver.offered() & ~BlkRig.EVENT_IDX, queues, 16);
    rig.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, 17);
    for (int i = 0; i < queues; i++) {
      rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, i);
      rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, i == 9 ? NO_VECTOR : queues - i);
    }
    for (int i = 0; i < queues; i++) {
      offer(rig, i, i, 1);
      rig.driver.kick(i);
      rig.clock.runAll(2);
      for (int vector = 0; vector < 18; vector++) {
        boolean sent = vector > 0 && vector <= queues && vector >= queues - i && vector != 7;
        assertThat(rig.interrupt.messages(vector))
            .as("vector %d after queue %d", vector, i)
            .isEqualTo(sent ? 1 : 0);
      }
    }
    rig.block.capacityChanged();
    assertThat(rig.interrupt.messages(17)).isEqualTo(1);
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Must({27, 28, 29})
  @Test
  void m27_theResetOfOneQueueLeavesTheOthersAlone() {
    BlkRig rig = start(4);
    int[] ids = new int[4];
    for (int i = 0; i < 4; i++) {
      ids[i] = offer(rig, i, i, 1);
      offer(rig, i, i, 8);
      rig.driver.kick(i);
    }
    rig.clock.advance(5_000);
    rig.driver.resetQueue(2);
    assertThat(rig.block.requestsInFlight()).isEqualTo(6);
    rig.driver.kick(2);
    rig.clock.advance(5_128);
    for (int i = 0; i < 4; i++) {
      assertThat(rig.queues[i].hasUsed()).as("queue %d", i).isEqualTo(i != 2);
    }
    rig.clock.runAll(10);
    for (int i = 0; i < 4; i += i == 1 ? 2 : 1) {
      assertThat(rig.queues[i].takeUsed()).isEqualTo(ids[i]);
      rig.queues[i].takeUsed();
    }
    assertThat(rig.queues[2].hasUsed()).isFalse();
    DriverQueue old = rig.queues[2];
    int size = rig.packed == null ? 32 : 21;
    rig.queues[2] = rig.driver.setUp(2, size);
    for (int i = 0; i < 2 * size; i++) {
      assertThat(rig.diskOn(2, 512).read(i % 7, 1)).hasSize(512);
    }
    assertThat(old.hasUsed()).isFalse();
    assertThat(rig.diskOn(1, 512).read(2, 1)).hasSize(512);
    assertThat(rig.needsReset()).isFalse();
  }

  @Must(4)
  @Test
  void m04_oneBadQueueNeedsAResetOfTheDeviceWhichThenTakesNothingMoreFromAny() {
    BlkRig rig = start(3);
    int good = offer(rig, 0, 0, 1);
    rig.driver.kick(0);
    breakQueue(rig, 1);
    rig.driver.kick(1);
    assertThat(rig.needsReset()).isTrue();
    assertThat(rig.resetReason().orElseThrow()).startsWith("queue 1: ");
    assertThat(rig.driver.readIsr() & 2).isEqualTo(2);
    long reads = rig.backend.reads();
    offer(rig, 2, 0, 1);
    rig.driver.kick(2);
    rig.clock.runAll(10);
    assertThat(rig.backend.reads()).isEqualTo(reads);
    assertThat(rig.queues[0].takeUsed()).as("taken before").isEqualTo(good);
    assertThat(rig.queues[2].hasUsed()).isFalse();

    rig.startQueues(rig.driver.offered(), 3, 16);
    for (int i = 0; i < 3; i++) {
      assertThat(rig.diskOn(i, 512).read(0, 1)).hasSize(512);
    }
  }

  private static void breakQueue(BlkRig rig, int index) {
    if (rig.queues[index] instanceof DriverRing split) {
      split.setAvailIndex(17);
    } else {
      int id = rig.queues[index].chain(List.of(DriverBuffer.readable(BlkRig.MEMORY_BASE, 1)));
      rig.queues[index].offer(id);
      PackedDriverRing ring = (PackedDriverRing) rig.queues[index];
      ring.put(ring.ring(), BlkRig.MEMORY_BASE, 1, 0, 1 | 1 << 7);
    }
  }

  @Test
  void aQueueThatIsAlwaysFullDoesNotKeepTheOthersFromTheirTurn() {
    BlkRig rig = startLarge();
    List<DriverBuffer> large = large(rig);
    for (int i = 0; i < 4; i++) {
      rig.queues[0].offer(rig.queues[0].indirectChain(large));
    }
    rig.driver.kick(0);
    for (int i = 1; i < 3; i++) {
      offer(rig, i, 0, 1);
      rig.driver.kick(i);
    }
    assertThat(rig.block.requestsInFlight()).as("33 MiB fill the limit").isEqualTo(1);
    for (int i = 0; i < 8; i++) {
      rig.clock.runNext();
      while (rig.queues[0].hasUsed()) {
        rig.queues[0].offer(rig.queues[0].takeUsed());
        rig.queues[0].kickIfWanted();
      }
    }
    assertThat(rig.queues[1].hasUsed()).isTrue();
    assertThat(rig.queues[2].hasUsed()).isTrue();
  }

  @Must(27)
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void m27_theResetOfTheQueueThatFilledTheLimitLetsTheOthersGoOn(boolean busMasterOff) {
    BlkRig rig = startLarge();
    rig.queues[0].submit(rig.queues[0].indirectChain(large(rig)));
    int waiting = offer(rig, 1, 0, 1);
    rig.driver.kick(1);
    assertThat(rig.block.requestsInFlight()).isEqualTo(1);
    boolean off = busMasterOff && rig.transport != null;
    if (off) {
      rig.transport.setBusMaster(false);
    }
    rig.driver.resetQueue(0);
    if (off) {
      assertThat(rig.block.requestsInFlight()).isZero();
      rig.transport.setBusMaster(true);
    }
    rig.clock.runAll(4);
    assertThat(rig.queues[1].hasUsed()).isTrue();
    assertThat(rig.queues[1].takeUsed()).isEqualTo(waiting);
  }

  private BlkRig startLarge() {
    BlkRig rig = new BlkRig(wiring, new MemoryBackend(40 * 2048), BlkOptions.DEFAULT.withQueues(3));
    return rig.startQueues(rig.driver.offered() & ~BlkRig.SEG_MAX, 3, 16);
  }

  /** A read of 33 MiB, which alone fills the limit of bytes in flight. */
  private static List<DriverBuffer> large(BlkRig rig) {
    long at = rig.driver.allocate(512 * 1024, 4096);
    List<DriverBuffer> large = new ArrayList<>();
    large.add(rig.request(BlkDriver.T_IN, 0, 0, true).getFirst());
    for (int i = 0; i < 66; i++) {
      large.add(DriverBuffer.writable(at, 512 * 1024));
    }
    large.add(DriverBuffer.writable(at, 1));
    return large;
  }
}

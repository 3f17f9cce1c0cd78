package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * VIRTIO_F_IN_ORDER: buffers come back in the order in which they were offered (2.7.11, 2.8.12).
 */
@ParameterizedClass
@EnumSource(Wiring.class)
class InOrderTest {
  private static final BlkOptions OPTIONS = BlkOptions.DEFAULT.withShownFeatures(BlkRig.IN_ORDER);

  private final Wiring wiring;

  InOrderTest(Wiring wiring) {
    this.wiring = wiring;
  }

  private BlkRig rig(int queues) {
    BlkRig rig = new BlkRig(wiring, OPTIONS.withQueues(queues));
    assertThat(rig.driver.offered() & BlkRig.IN_ORDER).isNotZero();
    return rig;
  }

  /** Chains whose latencies fall from one to the next and rise again; the last is faulty. */
  private static List<Integer> mixed(BlkRig rig, DriverQueue queue) {
    List<Integer> ids = new ArrayList<>();
    ids.add(queue.chain(rig.request(BlkDriver.T_FLUSH, 0, 0, false)));
    ids.add(queue.chain(rig.request(BlkDriver.T_IN, 0, 8 * 512, true)));
    ids.add(queue.chain(rig.request(BlkDriver.T_IN, 0, 512, true)));
    ids.add(queue.chain(rig.request(99, 0, 0, true)));
    ids.add(queue.indirectChain(rig.request(BlkDriver.T_IN, 0, 4 * 512, true)));
    ids.add(queue.chain(List.of(DriverBuffer.writable(0, 16))));
    return ids;
  }

  private static List<Integer> order(BlkRig rig, DriverQueue queue) {
    List<Integer> order = new ArrayList<>();
    do {
      while (queue.hasUsed()) {
        order.add(queue.takeUsed());
      }
    } while (rig.clock.runNext());
    return order;
  }

  @Must(10)
  @Test
  void m10_theUsedOrderIsTheAvailableOrderWhateverTheLatencies() {
    BlkRig rig = rig(1);
    rig.start(rig.driver.offered(), 16);
    for (int round = 0; round < 5; round++) {
      List<Integer> ids = mixed(rig, rig.queue);
      Collections.rotate(ids, round);
      ids.forEach(rig.queue::offer);
      rig.driver.kick(0);
      assertThat(rig.block.requestsInFlight()).isEqualTo(6);
      assertThat(order(rig, rig.queue)).isEqualTo(ids);
    }
    assertThat(rig.needsReset()).isFalse();
  }

  @Test
  void withoutTheFeatureTheSameRequestsOvertakeEachOther() {
    BlkRig rig = rig(1);
    rig.start(rig.driver.offered() & ~BlkRig.IN_ORDER, 16);
    List<Integer> ids = mixed(rig, rig.queue);
    ids.forEach(rig.queue::offer);
    rig.driver.kick(0);
    assertThat(order(rig, rig.queue))
        .containsExactly(ids.get(3), ids.get(5), ids.get(2), ids.get(4), ids.get(1), ids.get(0));
  }

  @Must(10)
  @Test
  void m10_aLaterKickDoesNotOvertakeEither() {
    BlkRig rig = rig(1);
    rig.start(rig.driver.offered(), 16);
    int slow = rig.queue.chain(rig.request(BlkDriver.T_FLUSH, 0, 0, false));
    rig.queue.submit(slow);
    rig.clock.advance(1_000);
    int fast = rig.queue.chain(rig.request(BlkDriver.T_IN, 0, 512, true));
    rig.queue.submit(fast);
    rig.clock.advance(48_999);
    assertThat(rig.queue.hasUsed()).isFalse();
    rig.clock.advance(1);
    assertThat(List.of(rig.queue.takeUsed(), rig.queue.takeUsed())).containsExactly(slow, fast);
  }

  @Must(10)
  @Test
  void m10_eachQueueHasItsOwnOrderAndWaitsForNoOther() {
    BlkRig rig = rig(3);
    rig.startQueues(rig.driver.offered(), 3, 16);
    List<List<Integer>> offered = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<Integer> ids = mixed(rig, rig.queues[i]);
      Collections.rotate(ids, 2 * i);
      ids.forEach(rig.queues[i]::offer);
      offered.add(ids);
      rig.driver.kick(i);
    }
    rig.clock.advance(20_000);
    assertThat(rig.queues[0].hasUsed()).as("begins with the flush").isFalse();
    assertThat(rig.queues[1].hasUsed()).as("begins with a read").isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(order(rig, rig.queues[i])).isEqualTo(offered.get(i));
    }
  }

  @Must(10)
  @Test
  void m10_theOrderHoldsAcrossAStallAtTheLimitOfBytesInFlight() {
    MemoryBackend backend = new MemoryBackend(64 * 2048);
    BlkRig rig = new BlkRig(wiring, backend, OPTIONS.withQueues(2));
    rig.startQueues(rig.driver.offered() & ~BlkRig.SEG_MAX, 2, 32);
    long at = rig.driver.allocate(256 * 1024 + 64, 4096);
    rig.disk.putHeader(at + 256 * 1024, BlkDriver.T_IN, 0);
    int[] megabytes = {20, 0, 20, 0, 1, 40, 0, 2};
    for (int queue = 0; queue < 2; queue++) {
      List<Integer> ids = new ArrayList<>();
      for (int size : megabytes) {
        ids.add(rig.queues[queue].indirectChain(read(at, size)));
      }
      ids.forEach(rig.queues[queue]::offer);
      rig.driver.kick(queue);
      if (queue == 0) {
        assertThat(rig.block.requestsInFlight()).as("20 + 0 + 20 MiB").isEqualTo(3);
      }
      assertThat(ids).doesNotHaveDuplicates();
    }
    assertThat(rig.block.requestsInFlight()).isEqualTo(3);
    List<List<Integer>> used = List.of(new ArrayList<>(), new ArrayList<>());
    while (rig.clock.runNext()) {
      for (int queue = 0; queue < 2; queue++) {
        while (rig.queues[queue].hasUsed()) {
          rig.queues[queue].takeUsed();
          used.get(queue).add((int) (rig.queues[queue].usedLength() >> 20));
        }
      }
    }
    for (int queue = 0; queue < 2; queue++) {
      assertThat(used.get(queue)).containsExactly(20, 0, 20, 0, 1, 40, 0, 2);
    }
  }

  /** A read of whole MiB into the same memory, or of one sector. */
  private static List<DriverBuffer> read(long at, int megabytes) {
    List<DriverBuffer> buffers = new ArrayList<>();
    buffers.add(DriverBuffer.readable(at + 256 * 1024, 16));
    buffers.add(DriverBuffer.writable(at, megabytes == 0 ? 512 : 256 * 1024));
    for (int i = 1; i < 4 * megabytes; i++) {
      buffers.add(DriverBuffer.writable(at, 256 * 1024));
    }
    buffers.add(DriverBuffer.writable(at + 256 * 1024 + 16, 1));
    return buffers;
  }
}

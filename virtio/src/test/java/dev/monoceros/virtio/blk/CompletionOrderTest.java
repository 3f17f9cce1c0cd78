package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** IN_ORDER (2.7.9, 2.8.8): buffers come back as they were made available, on every queue. */
@ParameterizedClass
@EnumSource(Bus.class)
class CompletionOrderTest {
  private static final int SIZE = 64;

  private final BlkRig rig;

  CompletionOrderTest(Bus bus) {
    this.rig =
        new BlkRig(
            bus,
            new MemoryBackend(BlkRig.SECTORS),
            BlkOptions.DEFAULT.withShownFeatures(BlkRig.IN_ORDER | BlkRig.RING_PACKED),
            LatencyModel.DEFAULT,
            0);
  }

  /** Offers requests whose latencies differ; whether they came back as they were offered. */
  private boolean isInOrder(long features) {
    DriverQueue ring = rig.driver.startQueues(features, 1, SIZE)[0];
    BlkDriver disk = new BlkDriver(rig.driver, ring, rig.clock, BlkRig.DATA_BYTES);
    List<Integer> offered = new ArrayList<>();
    List<Integer> used = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      for (int type : new int[] {BlkDriver.T_FLUSH, BlkDriver.T_IN, BlkDriver.T_FLUSH, 99, 99}) {
        int id = ring.chain(request(disk, type));
        ring.offer(id);
        offered.add(id);
      }
      rig.driver.kick(0);
      rig.clock.advance(6_000);
    }
    while (rig.clock.runNext() || ring.hasUsed()) {
      while (ring.hasUsed()) {
        used.add(ring.takeUsed());
      }
    }
    assertThat(used).containsExactlyInAnyOrderElementsOf(offered);
    return used.equals(offered);
  }

  /** Each with a header of its own, for the device reads it when it takes the request. */
  private List<DriverBuffer> request(BlkDriver disk, int type) {
    long header = rig.driver.allocate(32, 16);
    disk.putHeader(header, type, 0);
    return List.of(
        DriverBuffer.readable(header, 16),
        DriverBuffer.writable(disk.dataAddress(), type == BlkDriver.T_IN ? 513 : 1));
  }

  @Must(10)
  @ParameterizedTest
  @ValueSource(longs = {0, BlkRig.RING_PACKED})
  void m10_withInOrderBuffersAreUsedInTheOrderTheyWereMadeAvailable(long packed) {
    long rest = rig.driver.offered() & ~(BlkRig.RING_PACKED | BlkRig.IN_ORDER) | packed;
    assertThat(isInOrder(rest | BlkRig.IN_ORDER)).isTrue();
    assertThat(isInOrder(rest)).as("without it a quick request overtakes").isFalse();
  }
}

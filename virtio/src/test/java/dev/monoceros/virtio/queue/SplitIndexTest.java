package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The free-running 16-bit indices of a split ring: their wrap and their jumps (2.7.6, 2.7.8). */
class SplitIndexTest {
  private static BlkRig rig(int size) {
    BlkOptions options = BlkOptions.DEFAULT.withQueueSize(1024);
    BlkRig rig =
        new BlkRig(Bus.PCI, new MemoryBackend(BlkRig.SECTORS), options, LatencyModel.DEFAULT, 0);
    return rig.start(rig.driver.offered(), size);
  }

  /** Runs flushes one by one; the last chain is kept for more. */
  private static int run(BlkRig rig, int requests) {
    List<DriverBuffer> flush = rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    int id = rig.ring.indirectChain(flush);
    for (int i = 0; i < requests; i++) {
      rig.ring.offer(id);
      if (!rig.ring.kickIfWanted()) {
        throw new AssertionError("no kick wanted at " + i);
      }
      rig.clock.runNext();
      if (rig.ring.takeUsed() != id) {
        throw new AssertionError("another chain came back at " + i);
      }
    }
    return id;
  }

  @Must({20, 21})
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 16, 256, 1024})
  void allIndicesWrapOnQueuesOfEverySize(int size) {
    BlkRig rig = rig(size);
    run(rig, 65_536 + 5);
    assertThat(rig.ring.usedIndex()).isEqualTo(5);
    assertThat(rig.ring.availEvent()).isEqualTo(5);
    assertThat(rig.block.counts().flushes()).isEqualTo(65_541);
    assertThat(rig.needsReset()).isFalse();
  }

  @Must({20, 21})
  @ParameterizedTest
  @ValueSource(ints = {2, 256, 1024})
  void fullBatchesCrossTheWrap(int size) {
    BlkRig rig = rig(size);
    run(rig, 65_536 - size / 2);
    int[] heads = new int[size];
    List<DriverBuffer> flush = rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    for (int i = 0; i < size; i++) {
      heads[i] = rig.ring.indirectChain(flush);
      rig.ring.offer(heads[i]);
    }
    assertThat(rig.ring.kickIfWanted()).isTrue();
    assertThat(rig.block.requestsInFlight()).isEqualTo(size);
    rig.clock.runAll(4);
    for (int head : heads) {
      assertThat(rig.ring.takeUsed()).isEqualTo(head);
    }
    assertThat(rig.ring.usedIndex()).isEqualTo(size / 2);
  }

  @Must({4, Must.AVAIL_JUMP})
  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "1, 65535",
    "2, 0",
    "2, 65535",
    "8, 0",
    "8, 3",
    "8, 65531",
    "256, 0",
    "256, 65400"
  })
  void anIndexAheadByUpToTheQueueSizeIsWorkAndByMoreAnError(int size, int start) {
    for (int distance : new int[] {1, size - 1, size, size + 1, size + 2, 2 * size, 65_535}) {
      BlkRig rig = rig(size);
      if (start > 0) {
        run(rig, start);
      }
      List<DriverBuffer> flush = rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
      for (int i = 0; i < size; i++) {
        rig.ring.putAvail((start + i) & 0xFFFF, rig.ring.indirectChain(flush));
      }
      long before = rig.block.counts().requests();
      rig.ring.setAvailIndex(start + distance);
      rig.driver.kick(0);
      boolean allowed = distance <= size;
      assertThat(rig.needsReset()).as("distance %d", distance).isEqualTo(!allowed);
      assertThat(rig.block.requestsInFlight()).isEqualTo(allowed ? distance : 0);
      rig.clock.runAll(4);
      assertThat(rig.block.counts().requests() - before).isEqualTo(allowed ? distance : 0);
      assertThat(rig.ring.usedIndex()).isEqualTo((start + (allowed ? distance : 0)) & 0xFFFF);
    }
  }
}

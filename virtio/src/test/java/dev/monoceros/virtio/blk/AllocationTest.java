package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hot path allocates nothing per request. */
class AllocationTest {
  private static final int REQUESTS = 200_000;
  private static final int WARM_UP = 50_000;

  @Test
  void aRequestInSteadyStateAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    BlkRig rig = BlkRig.started();
    long at = rig.driver.allocate(3 * 4096, 4096);
    rig.disk.putHeader(at, BlkDriver.T_IN, 0);
    int direct =
        rig.ring.chain(
            List.of(
                DriverBuffer.readable(at, 16),
                DriverBuffer.writable(at + 4096, 4096),
                DriverBuffer.writable(at + 64, 1)));
    int indirect =
        rig.ring.indirectChain(
            List.of(),
            List.of(
                DriverBuffer.readable(at, 16),
                DriverBuffer.writable(at + 4096, 2048),
                DriverBuffer.writable(at + 8192, 2048),
                DriverBuffer.writable(at + 65, 1)));
    run(rig, direct, indirect, WARM_UP);
    long before = threads.getCurrentThreadAllocatedBytes();
    run(rig, direct, indirect, REQUESTS);
    long perRequest = (threads.getCurrentThreadAllocatedBytes() - before) * 10 / REQUESTS;
    assertThat(perRequest).as("tenths of a byte per request").isLessThanOrEqualTo(1);
    assertThat(rig.block.counts().reads()).isEqualTo(WARM_UP + REQUESTS);
  }

  /** 128 chains of 128 segments: the arrays for one are enough for all. */
  @Test
  void whatAGuestCanMakeTheDeviceKeepForAFullQueueOfLongChainsIsSmall() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    BlkRig rig = new BlkRig().start(128);
    long at = rig.driver.allocate(4096, 4096);
    rig.disk.putHeader(at, BlkDriver.T_IN, 0);
    List<DriverBuffer> buffers = new ArrayList<>();
    buffers.add(DriverBuffer.readable(at, 16));
    for (int i = 0; i < 125; i++) {
      buffers.add(DriverBuffer.writable(at + 64 + 2 * i, 1));
    }
    buffers.add(DriverBuffer.writable(at + 63, 1));
    for (int i = 0; i < 128; i++) {
      rig.ring.offer(rig.ring.indirectChain(List.of(), buffers));
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    rig.driver.kick(0);
    long perChain = (threads.getCurrentThreadAllocatedBytes() - before) / 128;
    assertThat(rig.block.requestsInFlight()).isEqualTo(128);
    assertThat(perChain).as("bytes; the segments alone are 2032").isLessThan(600);
  }

  private static void run(BlkRig rig, int direct, int indirect, int requests) {
    for (int i = 0; i < requests; i += 2) {
      rig.ring.offer(direct);
      rig.ring.offer(indirect);
      rig.ring.setUsedEvent(rig.ring.usedIndex() + 1);
      if (!rig.ring.kickIfWanted()) {
        throw new AssertionError("no kick wanted");
      }
      while (rig.clock.runNext()) {
        while (rig.ring.hasUsed()) {
          rig.ring.takeUsed();
        }
      }
      if (rig.driver.readIsr() != 1) {
        throw new AssertionError("no interrupt");
      }
    }
  }
}

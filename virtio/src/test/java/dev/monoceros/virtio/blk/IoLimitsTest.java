package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** I/O limits: exactly when each request completes, in virtual time. */
@ParameterizedClass
@EnumSource(Wiring.class)
class IoLimitsTest {
  private static final long MILLI = 1_000_000;

  private final Wiring wiring;
  private BlkRig rig;

  IoLimitsTest(Wiring wiring) {
    this.wiring = wiring;
  }

  private void start(IoLimits limits, LatencyModel latency, int queues) {
    BlkOptions options = BlkOptions.DEFAULT.withLimits(limits).withQueues(queues);
    MemoryBackend backend = new MemoryBackend(1 << 17);
    rig = new BlkRig(wiring.bus(), backend, wiring.format().offeredBy(options), latency, 0);
    rig.startQueues(rig.driver.offered(), queues, 64);
  }

  private void start(IoLimits limits) {
    start(limits, LatencyModel.ZERO, 1);
  }

  private void offer(long type, long bytes) {
    rig.queue.offer(rig.queue.chain(rig.request(type, 0, bytes, type == BlkDriver.T_IN)));
  }

  /** Kicks, and tells when what is offered completes, relative to now. */
  private List<Long> times() {
    rig.driver.kick(0);
    long start = rig.clock.nowNanos();
    List<Long> times = new ArrayList<>();
    while (rig.clock.runNext()) {
      for (DriverQueue queue : rig.queues) {
        while (queue.hasUsed()) {
          queue.takeUsed();
          times.add(rig.clock.nowNanos() - start);
        }
      }
    }
    return times;
  }

  @Test
  void iopsSpaceReadsAndWritesAloneOrTogether() {
    start(new IoLimits(1000, 0, 0, 0, 0, 0));
    for (long type : new long[] {BlkDriver.T_IN, BlkDriver.T_OUT, BlkDriver.T_IN}) {
      offer(type, 512);
    }
    assertThat(times()).containsExactly(0L, MILLI, 2 * MILLI);
    start(new IoLimits(0, 1000, 500, 0, 0, 0));
    for (int i = 0; i < 3; i++) {
      offer(BlkDriver.T_IN, 512);
      offer(BlkDriver.T_OUT, 512);
    }
    assertThat(times()).containsExactly(0L, 0L, MILLI, 2 * MILLI, 2 * MILLI, 4 * MILLI);
  }

  @Test
  void bytesPerSecondSpaceBySizeAndRoundUp() {
    start(new IoLimits(0, 0, 0, 1_000_000, 0, 0));
    offer(BlkDriver.T_IN, 512);
    offer(BlkDriver.T_OUT, 4096);
    offer(BlkDriver.T_IN, 512);
    assertThat(times()).containsExactly(0L, 512_000L, 4_608_000L);
    start(new IoLimits(0, 0, 0, 0, 3_000_000, 0));
    offer(BlkDriver.T_IN, 512);
    offer(BlkDriver.T_OUT, 4096);
    offer(BlkDriver.T_IN, 1024);
    offer(BlkDriver.T_IN, 512);
    assertThat(times()).containsExactly(0L, 0L, 170_667L, 512_001L);
  }

  @Test
  void theStrictestLimitCountsAndTheLatencyComesOnTop() {
    LatencyModel latency = new LatencyModel(7_000, 9_000, 3_000, 1_000, 0);
    start(new IoLimits(1000, 0, 200, 1_024_000, 0, 0), latency, 1);
    offer(BlkDriver.T_IN, 4096);
    offer(BlkDriver.T_OUT, 512);
    offer(BlkDriver.T_OUT, 512);
    offer(BlkDriver.T_IN, 512);
    assertThat(times())
        .containsExactly(7_000L, 4 * MILLI + 9_000, 9 * MILLI + 9_000, 10 * MILLI + 7_000);
  }

  @Test
  void flushesAndRefusedRequestsAreNotLimitedWriteZeroesAre() {
    start(new IoLimits(10, 0, 0, 0, 0, 0));
    offer(BlkDriver.T_IN, 512);
    offer(BlkDriver.T_FLUSH, 0);
    offer(BlkDriver.T_IN, 100);
    offer(BlkDriver.T_GET_ID, 20);
    offer(99, 0);
    assertThat(times()).containsExactly(0L, 0L, 0L, 0L, 0L);
    start(new IoLimits(0, 0, 0, 0, 0, 512_000));
    for (int i = 0; i < 3; i++) {
      rig.queue.offer(rig.queue.chain(zeroes(1000)));
    }
    assertThat(times()).containsExactly(0L, 1_000 * MILLI, 2_000 * MILLI);
  }

  private List<DriverBuffer> zeroes(long sectors) {
    List<DriverBuffer> buffers = rig.request(BlkDriver.T_WRITE_ZEROES, 0, 16, false);
    long at = buffers.get(1).address();
    rig.memory.putU64(at, 0);
    rig.memory.putU32(at + 8, sectors);
    rig.memory.putU32(at + 12, 0);
    return buffers;
  }

  @Test
  void anIdleDiskSavesUpNoCreditAndAResetForgetsWhatWasUsed() {
    start(new IoLimits(1000, 0, 0, 0, 0, 0));
    offer(BlkDriver.T_IN, 512);
    times();
    rig.clock.advance(50 * MILLI);
    offer(BlkDriver.T_IN, 512);
    offer(BlkDriver.T_IN, 512);
    offer(BlkDriver.T_IN, 512);
    assertThat(times()).containsExactly(0L, MILLI, 2 * MILLI);
    rig.start(rig.driver.offered(), 64);
    offer(BlkDriver.T_IN, 512);
    assertThat(times()).containsExactly(0L);
  }

  @Test
  void allQueuesShareTheLimits() {
    start(new IoLimits(1000, 0, 0, 0, 0, 0), LatencyModel.ZERO, 3);
    for (int i = 2; i >= 0; i--) {
      rig.queues[i].offer(rig.queues[i].chain(rig.request(BlkDriver.T_IN, 0, 512, true)));
      rig.driver.kick(i);
    }
    assertThat(times()).containsExactly(0L, MILLI, 2 * MILLI);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 7, 1000, 999_983, IoLimits.MOST})
  void noRunOfRequestsIsFasterThanTheLimit(long rate) {
    start(new IoLimits(rate, 0, 0, 0, 0, 0));
    for (int i = 0; i < 20; i++) {
      offer(i % 2 == 0 ? BlkDriver.T_IN : BlkDriver.T_OUT, 512);
    }
    List<Long> times = times();
    long gap = Math.ceilDiv(1_000_000_000L, rate);
    for (int i = 0; i < 20; i++) {
      assertThat(times.get(i)).isEqualTo(i * gap);
    }
  }

  /** A reset of a queue takes its requests away, not the time they were given. */
  @Test
  void theLimitHoldsHoweverFarAGuestPushesItAhead() {
    IoPacer pacer = new IoPacer(new IoLimits(0, 0, 0, 512, 0, 0));
    BlkRequest request =
        new BlkRequest(null, new GuestBuffers(new ByteGuestMemory(16)), new BlkRanges());
    request.setKind(BlkRequest.Kind.WRITE_ZEROES);
    request.ranges().add(0, 32 << 20, false);
    long before = 0;
    for (int i = 0; i < 300_000; i++) {
      long start = pacer.start(request, i);
      assertThat(start).isGreaterThanOrEqualTo(before);
      before = start;
    }
    assertThat(before).isGreaterThan(Long.MAX_VALUE / 4);
    assertThat(before + LatencyModel.DEFAULT.writeNanos()).isPositive();
  }
}

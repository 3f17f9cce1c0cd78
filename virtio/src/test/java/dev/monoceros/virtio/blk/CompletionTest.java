package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Completion at virtual time. */
@ParameterizedClass
@EnumSource(Wiring.class)
class CompletionTest {
  private final Wiring wiring;

  CompletionTest(Wiring wiring) {
    this.wiring = wiring;
  }

  @Test
  void aRequestIsPublishedAtExactlyTheTimeTheModelSays() {
    BlkRig rig = BlkRig.started(wiring);
    rig.clock.advance(123);
    rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 4096, true)));
    rig.clock.advance(11_023);
    assertThat(rig.queue.hasUsed()).isFalse();
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.NO_STATUS);
    assertThat(rig.interrupt.isAsserted()).isFalse();
    rig.clock.advance(1);
    assertThat(rig.queue.hasUsed()).isTrue();
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.interrupt.isAsserted()).isTrue();
  }

  @Test
  void eachKindHasItsLatencyAndTheBytesAddTheirs() {
    LatencyModel model = new LatencyModel(1_000, 2_000, 3_000, 4_000, 4_096);
    assertThat(nanos(model, BlkDriver.T_IN, 512, true)).isEqualTo(1_512);
    assertThat(nanos(model, BlkDriver.T_OUT, 1024, false)).isEqualTo(3_024);
    assertThat(nanos(model, BlkDriver.T_FLUSH, 0, false)).isEqualTo(3_000);
    assertThat(nanos(model, BlkDriver.T_GET_ID, 20, true)).isEqualTo(4_020);
    assertThat(nanos(model, 99, 512, true)).isEqualTo(4_000);
    assertThat(nanos(LatencyModel.ZERO, BlkDriver.T_IN, 512, true)).isZero();
    assertThatThrownBy(() -> new LatencyModel(0, -1, 0, 0, 0)).hasMessageContaining("latency");
    assertThatThrownBy(() -> new LatencyModel(0, 0, 0, 0, 1L << 31)).hasMessageContaining("ns");
  }

  private long nanos(LatencyModel model, long type, long bytes, boolean deviceWrites) {
    MemoryBackend backend = new MemoryBackend(BlkRig.SECTORS);
    BlkOptions options = wiring.format().offeredBy(BlkOptions.DEFAULT);
    BlkRig rig = new BlkRig(wiring.bus(), backend, options, model, 0);
    rig.start(16);
    rig.disk.transfer(type, 0, bytes, deviceWrites);
    return rig.clock.nowNanos();
  }

  @Test
  void aSmallRequestOvertakesALargeOneAndEqualOnesKeepTheirOrder() {
    BlkRig rig = BlkRig.started(wiring);
    int large = rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 32 * 512, true));
    int first = rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true));
    int second = rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 1, 512, true));
    for (int head : new int[] {large, second, first}) {
      rig.queue.offer(head);
    }
    rig.driver.kick(0);
    List<Integer> order = new ArrayList<>();
    while (rig.clock.runNext()) {
      while (rig.queue.hasUsed()) {
        order.add(rig.queue.takeUsed());
      }
    }
    assertThat(order).containsExactly(second, first, large);
  }

  @Test
  void aSmallRequestThatComesLaterIsNotHeldUpByTheAlarmOfALargeOne() {
    BlkRig rig = BlkRig.started(wiring);
    int large = rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 32 * 512, true));
    rig.queue.submit(large);
    rig.clock.advance(1_000);
    int small = rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true));
    rig.queue.submit(small);
    rig.clock.advance(10_128);
    assertThat(rig.queue.takeUsed()).isEqualTo(small);
    assertThat(rig.queue.hasUsed()).isFalse();
    rig.clock.advance(14_096 - 11_128);
    assertThat(rig.queue.takeUsed()).isEqualTo(large);
  }

  @Test
  void completionsLeaveTheHeapInOrderWhateverTheOrderTheyEnteredIt() {
    CompletionQueue queue = new CompletionQueue();
    ByteGuestMemory memory = new ByteGuestMemory(16);
    List<BlkRequest> added = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      BlkRequest request = new BlkRequest(null, new GuestBuffers(memory), new BlkRanges());
      added.add(request);
      queue.add(request, (i * 7919L) % 101);
    }
    added.sort((a, b) -> Long.compare(a.dueNanos(), b.dueNanos()));
    for (BlkRequest expected : added) {
      assertThat(queue.firstDueNanos()).isEqualTo(expected.dueNanos());
      assertThat(queue.remove()).isSameAs(expected);
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void dataInFlightIsBoundedAndEverythingStillGetsDone() {
    int megabytes = 40;
    MemoryBackend backend = new MemoryBackend(megabytes * 2048);
    BlkRig rig = new BlkRig(wiring, backend, BlkOptions.DEFAULT);
    rig.start(rig.driver.offered() & ~BlkRig.SEG_MAX, 256);
    long at = rig.driver.allocate(512 * 1024 + 64, 4096);
    rig.disk.putHeader(at + 512 * 1024, BlkDriver.T_IN, 0);
    List<DriverBuffer> buffers = new ArrayList<>();
    buffers.add(DriverBuffer.readable(at + 512 * 1024, 16));
    for (int i = 0; i < megabytes * 2; i++) {
      buffers.add(DriverBuffer.writable(at, 512 * 1024));
    }
    buffers.add(DriverBuffer.writable(at + 512 * 1024 + 16, 1));
    for (int i = 0; i < 20; i++) {
      rig.queue.offer(rig.queue.indirectChain(buffers));
    }
    rig.driver.kick(0);
    assertThat(backend.reads()).as("40 MiB fill the limit of 32").isEqualTo(1);
    rig.clock.runAll(100);
    assertThat(backend.reads()).isEqualTo(20);
    for (int i = 0; i < 20; i++) {
      rig.queue.takeUsed();
    }
    assertThat(rig.queue.hasUsed()).isFalse();
    assertThat(rig.block.requestsInFlight()).isZero();
    rig.queue.offer(rig.queue.indirectChain(buffers.subList(0, 4)));
    assertThat(rig.queue.kickIfWanted()).as("the device asks for the next").isTrue();
  }
}

package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.PackedDriverRing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event suppression of packed rings in both directions (2.8.10, 2.8.14). */
@ParameterizedClass
@EnumSource(names = {"PCI_PACKED", "MMIO_PACKED"})
class PackedNotificationTest {
  private final BlkRig rig;

  PackedNotificationTest(Wiring wiring) {
    this.rig = new BlkRig(wiring);
  }

  private PackedDriverRing start(boolean eventIndex, int size) {
    long without = eventIndex ? 0 : BlkRig.EVENT_IDX;
    return rig.start(rig.driver.offered() & ~without, size).packed;
  }

  /** One flush of one descriptor; whether it raised the interrupt. */
  private boolean interrupts() {
    rig.driver.readIsr();
    flush();
    rig.disk.await();
    rig.queue.takeUsed();
    return rig.interrupt.isAsserted();
  }

  private void flush() {
    rig.queue.submit(rig.queue.indirectChain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
  }

  @Must(19)
  @Test
  void m19_withoutEventIdxTheFlagsDecideAndTheNamedDescriptorIsIgnored() {
    PackedDriverRing ring = start(false, 7);
    for (int i = 0; i < 20; i++) {
      ring.setEventFlags(PackedDriverRing.EVENT_ENABLE);
      ring.setEventDescriptor(3000, i % 2 == 0);
      assertThat(interrupts()).isTrue();
      ring.setEventFlags(PackedDriverRing.EVENT_DISABLE);
      ring.setEventDescriptor(ring.nextAvail(), ring.availWrap());
      assertThat(interrupts()).isFalse();
    }
  }

  @Must(20)
  @Test
  void m20_withEventIdxEnableAndDisableStillCount() {
    PackedDriverRing ring = start(true, 7);
    for (int i = 0; i < 20; i++) {
      ring.setEventFlags(PackedDriverRing.EVENT_DISABLE);
      ring.setEventDescriptor(ring.nextAvail(), ring.availWrap());
      assertThat(interrupts()).as("disabled").isFalse();
      ring.setEventFlags(PackedDriverRing.EVENT_ENABLE);
      ring.setEventDescriptor(6 - ring.nextAvail(), !ring.availWrap());
      assertThat(interrupts()).as("enabled").isTrue();
    }
  }

  @Must(20)
  @Test
  void m20_theInterruptComesExactlyWithTheDescriptorNamedAcrossWrapsOfOffsetAndCounter() {
    int size = 5;
    PackedDriverRing ring = start(true, size);
    ring.setEventFlags(PackedDriverRing.EVENT_DESC);
    for (int used = 0; used < 500; used++) {
      // The next multiple of 3: positions count descriptors, whatever the ring's size.
      int event = (used + 2) / 3 * 3;
      ring.setEventDescriptor(event % size, event / size % 2 == 0);
      assertThat(interrupts()).as("descriptor %d", used).isEqualTo(used % 3 == 0);
    }
  }

  /** Every start, batch and event of a small ring against arithmetic without wraps. */
  @Must(20)
  @Test
  void m20_theDecisionIsExactForEveryPositionBatchAndEvent() {
    int size = 4;
    for (int start = 0; start < 2 * size; start++) {
      for (int batch = 1; batch <= size; batch++) {
        for (int event = 0; event < 2 * size; event++) {
          boolean expected = false;
          for (int position = start; position < start + batch; position++) {
            expected |= position % (2 * size) == event;
          }
          assertThat(decision(size, start, batch, event))
              .as("start %d, batch %d, event %d", start, batch, event)
              .isEqualTo(expected);
        }
      }
    }
  }

  private boolean decision(int size, int start, int batch, int event) {
    // The device never goes live: its end of the ring is opened here.
    BlkRig own = new BlkRig(Wiring.PCI_PACKED);
    own.driver.negotiate(own.driver.offered());
    PackedDriverRing ring = own.driver.setUpPackedQueue(0, size);
    QueueSetup setup =
        new QueueSetup(
            0, size, ring.ring(), ring.driverEvent(), ring.deviceEvent(), 16, true, true, true);
    Virtqueue queue = Virtqueue.open(own.memory, setup);
    DriverBuffer buffer = DriverBuffer.writable(BlkRig.MEMORY_BASE, 1);
    for (int i = 0; i < start; i++) {
      ring.offer(ring.chain(List.of(buffer)));
      queue.push(queue.poll(), 1);
      ring.takeUsed();
    }
    queue.shouldInterrupt();
    for (int i = 0; i < batch; i++) {
      ring.offer(ring.chain(List.of(buffer)));
      queue.push(queue.poll(), 1);
    }
    ring.setEventFlags(PackedDriverRing.EVENT_DESC);
    ring.setEventDescriptor(event % size, event < size);
    boolean interrupt = queue.shouldInterrupt();
    assertThat(queue.shouldInterrupt()).as("once for a batch").isFalse();
    return interrupt;
  }

  @Must(20)
  @Test
  void m20_aChainCountsWithAllItsDescriptors() {
    PackedDriverRing ring = start(true, 16);
    ring.setEventFlags(PackedDriverRing.EVENT_DESC);
    ring.setEventDescriptor(1, true);
    rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
    rig.clock.runAll(2);
    assertThat(rig.interrupt.isAsserted()).as("descriptor 1 is the second of two").isTrue();
    rig.driver.readIsr();
    ring.setEventDescriptor(4, true);
    rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
    rig.clock.runAll(2);
    assertThat(rig.interrupt.isAsserted()).as("2 and 3 are used").isFalse();
  }

  @Must(22)
  @Test
  void m22_theDeviceAsksForKicksByFlagWithoutEventIdxAndByPositionWithIt() {
    for (boolean eventIndex : new boolean[] {false, true}) {
      PackedDriverRing ring = start(eventIndex, 5);
      rig.memory.putU16(ring.deviceEvent(), 0x1234);
      for (int i = 0; i < 23; i++) {
        interrupts();
        if (eventIndex) {
          assertThat(ring.deviceEventFlags()).isEqualTo(PackedDriverRing.EVENT_DESC);
          assertThat(ring.deviceEventDescriptor())
              .isEqualTo(ring.nextAvail() | (ring.availWrap() ? 1 << 15 : 0));
        } else {
          assertThat(ring.deviceEventFlags()).isEqualTo(PackedDriverRing.EVENT_ENABLE);
        }
      }
    }
  }

  @Must(20)
  @ParameterizedTest
  @ValueSource(ints = {3, 16, 100, 256})
  void m20_aDriverThatKicksOnlyWhenAskedGetsEverythingDone(int size) {
    for (boolean eventIndex : new boolean[] {false, true}) {
      start(eventIndex, size);
      List<DriverBuffer> request = rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
      Deque<Integer> ids = new ArrayDeque<>();
      for (int round = 0; round < 300; round++) {
        int batch = 1 + round % Math.min(7, size / 2);
        for (int i = 0; i < batch; i++) {
          int id = rig.queue.chain(request);
          rig.queue.offer(id);
          ids.add(id);
        }
        assertThat(rig.queue.kickIfWanted()).isTrue();
        rig.clock.runAll(10);
        while (!ids.isEmpty()) {
          assertThat(rig.queue.takeUsed()).isEqualTo(ids.remove());
        }
        assertThat(rig.queue.hasUsed()).isFalse();
      }
    }
  }

  @Must(23)
  @Test
  void m23_spuriousKicksAreHarmless() {
    start(true, 4);
    List<Boolean> seen = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      rig.driver.kick(0);
      rig.driver.kick(3);
      flush();
      rig.driver.kick(0);
      rig.clock.runAll(10);
      rig.driver.kick(0);
      rig.queue.takeUsed();
      seen.add(rig.queue.hasUsed());
    }
    assertThat(seen).containsOnly(false);
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.block.counts().requests()).isEqualTo(9);
  }

  @Must({20, 24})
  @Test
  void m20_moreThan65536RequestsOnARingWhoseSizeIsNoPowerOfTwo() {
    PackedDriverRing ring = start(true, 11);
    ring.setEventFlags(PackedDriverRing.EVENT_DESC);
    List<DriverBuffer> request = rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false);
    int one = ring.indirectChain(request);
    int two = ring.chain(request);
    long position = 0;
    for (int i = 0; i < 100_000; i++) {
      boolean long2 = i % 2 == 1;
      // The last descriptor of this chain, or the one after it.
      long event = position + (long2 ? 1 : 0) + (i % 3 == 0 ? 1 : 0);
      ring.setEventDescriptor((int) (event % 11), event / 11 % 2 == 0);
      ring.offer(long2 ? two : one);
      if (!ring.kickIfWanted()) {
        throw new AssertionError("no kick wanted at " + i);
      }
      rig.clock.runNext();
      ring.takeUsed();
      position += long2 ? 2 : 1;
      if (rig.interrupt.isAsserted() != (i % 3 != 0)) {
        throw new AssertionError("wrong interrupt decision at " + i);
      }
      rig.driver.readIsr();
    }
    assertThat(rig.block.counts().flushes()).isEqualTo(100_000);
  }
}

package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;

/** Who notifies whom and when, without and with the event index (2.7.7, 2.7.10). */
class NotificationTest {
  private final BlkRig rig = new BlkRig();

  private DriverRing start(boolean eventIndex) {
    long without = eventIndex ? 0 : BlkRig.EVENT_IDX;
    return rig.start(rig.driver.offered() & ~without, 16).ring;
  }

  /** One flush; whether it raised INTx. */
  private boolean interrupts() {
    rig.driver.readIsr();
    int head = rig.ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    rig.ring.submit(head);
    rig.disk.await();
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    return rig.interrupt.isAsserted();
  }

  @Must(19)
  @Test
  void m19_withoutEventIdxTheFlagDecidesAndUsedEventIsIgnored() {
    DriverRing ring = start(false);
    ring.setUsedEvent(5000);
    assertThat(interrupts()).isTrue();
    ring.setAvailFlags(DriverRing.AVAIL_NO_INTERRUPT);
    ring.setUsedEvent(ring.usedIndex());
    assertThat(interrupts()).isFalse();
    ring.setAvailFlags(0);
    assertThat(interrupts()).isTrue();
  }

  @Must(20)
  @Test
  void m20_withEventIdxTheFlagIsIgnoredAndUsedEventDecidesExactly() {
    DriverRing ring = start(true);
    ring.setAvailFlags(DriverRing.AVAIL_NO_INTERRUPT);
    ring.setUsedEvent(3);
    assertThat(interrupts()).as("1 used").isFalse();
    assertThat(interrupts()).as("2 used").isFalse();
    assertThat(interrupts()).as("3 used").isFalse();
    assertThat(interrupts()).as("4 used: the index has passed 3").isTrue();
    assertThat(interrupts()).as("5 used").isFalse();
  }

  @Must(20)
  @Test
  void m20_aBatchThatPassesUsedEventNotifiesOnce() {
    DriverRing ring = start(true);
    ring.setUsedEvent(2);
    for (int i = 0; i < 5; i++) {
      ring.offer(ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
    }
    rig.driver.kick(0);
    rig.clock.runAll(10);
    assertThat(ring.usedIndex()).isEqualTo(5);
    assertThat(rig.interrupt.assertions()).isEqualTo(1);
    assertThat(rig.driver.readIsr()).isEqualTo(1);
  }

  @Must({20, 21})
  @Test
  void m20_allIndicesWrapAndTheDecisionStaysExactAcrossTheWrap() {
    DriverRing ring = start(true);
    int head = ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    long notified = 0;
    for (int i = 0; i < 3 * 65536; i++) {
      int event = (i + 2) / 3 * 3;
      ring.setUsedEvent(event & 0xFFFF);
      ring.offer(head);
      assertThat(ring.kickIfWanted()).isTrue();
      rig.clock.runNext();
      assertThat(ring.hasUsed()).isTrue();
      ring.takeUsed();
      boolean expected = i % 3 == 0;
      if (rig.interrupt.isAsserted() != expected) {
        assertThat(rig.interrupt.isAsserted()).as("chain %d", i).isEqualTo(expected);
      }
      notified += rig.driver.readIsr();
    }
    assertThat(notified).isEqualTo(65536);
    assertThat(ring.availEvent()).isEqualTo(ring.availIndex()).isZero();
    assertThat(rig.block.counts().flushes()).isEqualTo(3 * 65536);
  }

  @Must(22)
  @Test
  void m22_theUsedRingsFlagsStayZeroAndAvailEventIsWrittenOnlyWithEventIdx() {
    DriverRing ring = start(false);
    rig.memory.putU16(ring.usedRing() + 4 + 8 * 16, 0xABCD);
    interrupts();
    assertThat(ring.usedFlags()).isZero();
    assertThat(ring.availEvent()).isEqualTo(0xABCD);

    ring = start(true);
    interrupts();
    assertThat(ring.usedFlags()).isZero();
    assertThat(ring.availEvent()).isEqualTo(1);
  }

  @Must(20)
  @Test
  void m20_aDriverThatKicksOnlyWhenAskedGetsEverythingDone() {
    for (boolean eventIndex : new boolean[] {false, true}) {
      DriverRing ring = start(eventIndex);
      for (int round = 0; round < 50; round++) {
        int batch = 1 + round % 7;
        for (int i = 0; i < batch; i++) {
          ring.offer(ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
        }
        assertThat(ring.kickIfWanted()).isTrue();
        rig.clock.runAll(10);
        for (int i = 0; i < batch; i++) {
          ring.takeUsed();
        }
        assertThat(ring.hasUsed()).isFalse();
      }
    }
  }

  @Must(23)
  @Test
  void m23_spuriousKicksAreHarmless() {
    DriverRing ring = start(true);
    rig.driver.kick(0);
    rig.driver.kick(0);
    rig.driver.kick(1);
    rig.driver.kick(700);
    int head = ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    ring.submit(head);
    rig.driver.kick(0);
    rig.clock.runAll(10);
    rig.driver.kick(0);
    assertThat(ring.takeUsed()).isEqualTo(head);
    assertThat(ring.hasUsed()).isFalse();
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.block.counts().requests()).isEqualTo(1);
  }

  @Must(21)
  @Test
  void m21_theUsedElementIsInMemoryBeforeTheIndexShowsIt() {
    start(true);
    long used = rig.ring.usedRing();
    long[] seen = {-1, -1};
    int[] indexWrites = {0};
    OrderedMemory memory =
        new OrderedMemory(
            rig.memory,
            (gpa, length) -> {
              if (gpa <= used + 2 && gpa + length > used + 2 && indexWrites[0]++ == 0) {
                seen[0] = rig.memory.u32(used + 4);
                seen[1] = rig.memory.u32(used + 8);
              }
            });
    QueueSetup setup =
        new QueueSetup(
            0, 16, rig.ring.descriptorTable(), rig.ring.availRing(), used, 256, false, true, true);
    Virtqueue queue = Virtqueue.open(memory, setup);
    int head = rig.ring.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true));
    rig.ring.offer(head);
    DescriptorChain chain = queue.poll();
    queue.push(chain, 77);
    assertThat(seen[0]).isEqualTo(head);
    assertThat(seen[1]).isEqualTo(77);
    assertThat(indexWrites[0]).isEqualTo(1);
    assertThat(rig.ring.usedIndex()).isEqualTo(1);
  }

  @Must(22)
  @Test
  void aChainGivenBackTwiceOrWithTooManyBytesIsOurFault() {
    start(true);
    DriverRing ring = rig.ring;
    QueueSetup setup =
        new QueueSetup(
            0,
            16,
            ring.descriptorTable(),
            ring.availRing(),
            ring.usedRing(),
            256,
            false,
            true,
            true);
    Virtqueue queue = Virtqueue.open(rig.memory, setup);
    ring.offer(ring.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true)));
    DescriptorChain chain = queue.poll();
    assertThatThrownBy(() -> queue.push(chain, 514)).isInstanceOf(IllegalArgumentException.class);
    queue.push(chain, 513);
    assertThatThrownBy(() -> queue.push(chain, 513)).isInstanceOf(IllegalStateException.class);
    assertThat(ring.usedIndex()).isEqualTo(1);
  }
}

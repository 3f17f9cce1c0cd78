package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * VIRTIO_F_NOTIFICATION_DATA: kicks that say how far the driver has come (2.9, 4.1.5.2, 4.2.3.3).
 */
@ParameterizedClass
@EnumSource(Wiring.class)
class NotificationDataTest {
  private static final int QUEUES = 3;
  private static final int CAP_NOTIFY = 2;

  private final BlkRig rig;

  NotificationDataTest(Wiring wiring) {
    BlkOptions options = BlkOptions.DEFAULT.withQueues(QUEUES);
    this.rig = new BlkRig(wiring, options.withShownFeatures(BlkRig.NOTIFICATION_DATA));
  }

  private void start(boolean data) {
    assertThat(rig.driver.offered() & BlkRig.NOTIFICATION_DATA).isNotZero();
    long without = data ? 0 : BlkRig.NOTIFICATION_DATA;
    rig.startQueues(rig.driver.offered() & ~without, QUEUES, 4);
  }

  /** Offers a flush on a queue, does not notify. */
  private int offer(int queue) {
    BlkDriver disk = rig.diskOn(queue, 16);
    int id = rig.queues[queue].indirectChain(disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    rig.queues[queue].offer(id);
    return id;
  }

  @Must(42)
  @Test
  void m42_kicksWithDataReachTheQueueTheyNameAndNoOther() {
    start(true);
    // More than a wrap of rings of 4, so that the data takes all its values.
    for (int i = 0; i < 30; i++) {
      int queue = i % QUEUES;
      int other = (i + 1) % QUEUES;
      offer(other);
      int id = offer(queue);
      assertThat(rig.queues[queue].kickIfWanted()).isTrue();
      rig.clock.runAll(10);
      assertThat(rig.queues[queue].takeUsed()).isEqualTo(id);
      assertThat(rig.queues[other].hasUsed()).as("was not notified").isFalse();
      assertThat(rig.queues[other].kickIfWanted()).isTrue();
      rig.clock.runAll(10);
      rig.queues[other].takeUsed();
    }
    assertThat(rig.block.counts().flushes()).isEqualTo(60);
    assertThat(rig.needsReset()).isFalse();
  }

  @Must({7, 42})
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 0x7FFF, 0x8000, 0xFFFF})
  void theRingSaysWhatIsAvailableNotTheData(int data) {
    start(true);
    int id = offer(1);
    long value = (long) data << 16 | 1;
    if (rig.transport != null) {
      rig.transport.write(notifyOffset() + 4, 4, value);
    } else {
      rig.window.write(0x50, 4, value);
    }
    rig.clock.runAll(10);
    assertThat(rig.queues[1].takeUsed()).isEqualTo(id);
    assertThat(rig.queues[1].hasUsed()).isFalse();
    assertThat(rig.needsReset()).isFalse();
  }

  @Must(7)
  @Test
  void withoutTheFeatureTheWholeValueIsTheQueuesNumber() {
    start(false);
    int id = offer(1);
    if (rig.transport == null) {
      rig.window.write(0x50, 4, 0x0001_0001L);
      rig.clock.runAll(10);
      assertThat(rig.queues[1].hasUsed()).as("there is no queue 65537").isFalse();
    }
    rig.driver.kick(1);
    rig.clock.runAll(10);
    assertThat(rig.queues[1].takeUsed()).isEqualTo(id);
  }

  @Must({41, 42})
  @Test
  void m41_everyQueuesNotifyAddressIs4ByteAlignedAnd4BytesLongInsideTheCapability() {
    if (rig.transport == null) {
      return; // one register for all queues: 4.2.2
    }
    PciCapability notify = capability();
    long multiplier = notify.read(16, 4);
    long offset = notify.read(8, 4);
    long length = notify.read(12, 4);
    assertThat(Long.bitCount(multiplier)).isEqualTo(1);
    assertThat(offset % 4).isZero();
    for (int queue = 0; queue < QUEUES; queue++) {
      rig.driver.writeCommon(22, 2, queue);
      long off = rig.driver.readCommon(30, 2);
      assertThat(off * multiplier % 4).isZero();
      assertThat(length).isGreaterThanOrEqualTo(off * multiplier + 4);
    }
    assertThat(offset + length).isLessThanOrEqualTo(rig.transport.barSize());
  }

  private long notifyOffset() {
    return capability().read(8, 4);
  }

  private PciCapability capability() {
    return rig.transport.capabilities().stream()
        .filter(capability -> capability.read(3, 1) == CAP_NOTIFY)
        .findFirst()
        .orElseThrow();
  }
}

package dev.monoceros.virtio.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;

/** ISR, INTx and the hand-over to MSI-X (4.1.4.5, 4.1.5). */
class InterruptTest {
  private static final int NO_VECTOR = 0xFFFF;

  private static void completeOne(BlkRig rig) {
    rig.ring.setUsedEvent(rig.ring.usedIndex());
    int head = rig.ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    rig.ring.submit(head);
    rig.disk.await();
    rig.ring.takeUsed();
  }

  @Must({44, 45})
  @Test
  void m45_aUsedBufferSetsIsrBit0AndAssertsIntxUntilTheIsrIsRead() {
    BlkRig rig = BlkRig.started();
    completeOne(rig);
    assertThat(rig.interrupt.isAsserted()).isTrue();
    assertThat(rig.transport.interruptPending()).isTrue();
    completeOne(rig);
    assertThat(rig.interrupt.assertions()).as("the level stays up").isEqualTo(1);
    assertThat(rig.driver.readIsr()).isEqualTo(1);
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.transport.interruptPending()).isFalse();
    assertThat(rig.driver.readIsr()).isZero();
  }

  @Must({43, 44, 53})
  @Test
  void m43_aConfigurationChangeSetsIsrBit1AndBothBitsShareTheLine() {
    BlkRig rig = BlkRig.started();
    rig.block.capacityChanged();
    assertThat(rig.interrupt.isAsserted()).isTrue();
    completeOne(rig);
    assertThat(rig.driver.readIsr()).isEqualTo(3);
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Must(43)
  @Test
  void m43_noConfigurationInterruptBeforeDriverOk() {
    BlkRig rig = new BlkRig();
    rig.driver.negotiate(rig.driver.offered());
    rig.block.capacityChanged();
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.driver.readIsr()).isZero();
  }

  @Must(45)
  @Test
  void m45_aResetClearsTheIsrAndDropsIntx() {
    BlkRig rig = BlkRig.started();
    completeOne(rig);
    rig.driver.reset();
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.driver.readIsr()).isZero();
  }

  @Must({47, 48})
  @Test
  void m47_anyEventMapsToAnyVectorAndReadsBack() {
    BlkRig rig = BlkRig.withMsix(3);
    rig.interrupt.enableMsix(true);
    rig.start(16);
    rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    for (int vector = 0; vector < 3; vector++) {
      rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, vector);
      rig.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, 2 - vector);
      assertThat(rig.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(vector);
      assertThat(rig.driver.readCommon(FakeDriver.MSIX_CONFIG, 2)).isEqualTo(2 - vector);
      long queueBefore = rig.interrupt.messages(vector);
      completeOne(rig);
      assertThat(rig.interrupt.messages(vector)).isEqualTo(queueBefore + 1);
      long configBefore = rig.interrupt.messages(2 - vector);
      rig.block.capacityChanged();
      assertThat(rig.interrupt.messages(2 - vector)).isEqualTo(configBefore + 1);
    }
    assertThat(rig.interrupt.isAsserted()).as("INTx is not driven with MSI-X on").isFalse();
  }

  @Must({47, 49})
  @Test
  void m49_anUnmappedEventSendsNothingWithMsixOn() {
    BlkRig rig = BlkRig.withMsix(2);
    rig.interrupt.enableMsix(true);
    rig.start(16);
    rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, 1);
    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, NO_VECTOR);
    assertThat(rig.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(NO_VECTOR);
    completeOne(rig);
    rig.block.capacityChanged();
    assertThat(rig.interrupt.messages(0) + rig.interrupt.messages(1)).isZero();
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Must(48)
  @Test
  void m48_aMappingThatFailsReadsNoVectorAndAResetUnmapsAll() {
    BlkRig rig = BlkRig.withMsix(2);
    rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    for (int field : new int[] {FakeDriver.MSIX_CONFIG, FakeDriver.QUEUE_MSIX_VECTOR}) {
      assertThat(rig.driver.readCommon(field, 2)).isEqualTo(NO_VECTOR);
      rig.driver.writeCommon(field, 2, 1);
      rig.driver.writeCommon(field, 2, 2);
      assertThat(rig.driver.readCommon(field, 2)).isEqualTo(NO_VECTOR);
      rig.driver.writeCommon(field, 2, 1);
      assertThat(rig.driver.readCommon(field, 2)).isEqualTo(1);
    }
    rig.driver.reset();
    rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    assertThat(rig.driver.readCommon(FakeDriver.MSIX_CONFIG, 2)).isEqualTo(NO_VECTOR);
    assertThat(rig.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(NO_VECTOR);

    BlkRig many =
        new BlkRig(new MemoryBackend(8), BlkOptions.DEFAULT.withQueues(3), LatencyModel.DEFAULT, 4);
    for (int queue = 0; queue < 3; queue++) {
      many.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, queue);
      many.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, queue + 1);
      assertThat(many.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(queue + 1);
    }
    many.driver.reset();
    for (int queue = 0; queue < 3; queue++) {
      many.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, queue);
      assertThat(many.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(NO_VECTOR);
    }

    BlkRig without = new BlkRig();
    without.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, 0);
    assertThat(without.driver.readCommon(FakeDriver.MSIX_CONFIG, 2)).isEqualTo(NO_VECTOR);
  }

  @Must(44)
  @Test
  void m44_switchingMsixOnDropsIntxAndOffBringsItBack() {
    BlkRig rig = BlkRig.withMsix(1);
    rig.start(16);
    completeOne(rig);
    assertThat(rig.interrupt.isAsserted()).isTrue();
    rig.interrupt.enableMsix(true);
    rig.transport.msixToggled();
    assertThat(rig.interrupt.isAsserted()).isFalse();
    rig.interrupt.enableMsix(false);
    rig.transport.msixToggled();
    assertThat(rig.interrupt.isAsserted()).isTrue();
  }
}

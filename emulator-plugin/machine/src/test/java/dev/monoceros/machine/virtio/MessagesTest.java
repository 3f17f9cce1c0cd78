package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessage.DeliveryMode;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** MSI-X from the ring to the interrupt bus (4.1.5.1.2; PCI 3.0, 6.8.2 and 6.8.3). */
class MessagesTest {
  private static final int NO_VECTOR = 0xffff;
  private static final int ENABLE = 0x8000;
  private static final int FUNCTION_MASK = 0x4000;
  private static final int ENTRY = 16;
  private static final int PENDING = 0x800;
  private static final int QUEUE = 0;
  private static final int CONFIG = 1;
  private static final InterruptMessage QUEUE_MESSAGE = fixed(0x50);
  private static final InterruptMessage CONFIG_MESSAGE = fixed(0x51);

  private final PciRig rig = PciRig.started();
  private int control;

  private static InterruptMessage fixed(int vector) {
    return new InterruptMessage(vector, DeliveryMode.FIXED, false, false, 0);
  }

  @BeforeEach
  void setUp() {
    control = rig.capability(PciRig.MSIX) + 2;
    rig.setConfig(control, 2, ENABLE);
    program(QUEUE, 0x50);
    program(CONFIG, 0x51);
    map();
  }

  private void map() {
    rig.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, CONFIG);
    rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, QUEUE);
  }

  private long entry(int vector) {
    return rig.barAddress(PciRig.MSIX_BAR) + (long) ENTRY * vector;
  }

  private void program(int vector, int data) {
    rig.mmio.write(entry(vector), 8, 0xfee0_0000L);
    rig.mmio.write(entry(vector) + 8, 4, data);
    mask(vector, false);
  }

  private void mask(int vector, boolean on) {
    rig.mmio.write(entry(vector) + 12, 4, on ? 1 : 0);
  }

  private long pending() {
    return rig.mmio.read(rig.barAddress(PciRig.MSIX_BAR) + PENDING, 8);
  }

  @Must(46)
  @Test
  void m46_theTableHasAVectorForEachQueueAndOneForConfiguration() {
    int vectors = (int) (rig.config(control, 2) & 0x7ff) + 1;
    assertThat(vectors).isEqualTo((int) rig.driver.readCommon(FakeDriver.NUM_QUEUES, 2) + 1);
    assertThat(vectors).isBetween(2, 2048);
    assertThat(rig.mmio.read(entry(vectors - 1) + 12, 4)).as("the last has a mask").isZero();
    rig.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, vectors - 1);
    assertThat(rig.driver.readCommon(FakeDriver.MSIX_CONFIG, 2)).isEqualTo(vectors - 1);
    rig.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, vectors);
    assertThat(rig.driver.readCommon(FakeDriver.MSIX_CONFIG, 2)).isEqualTo(NO_VECTOR);
  }

  @Must({44, 47})
  @Test
  void m47_eachEventSendsTheMessageOfItsVector() {
    rig.completeOne();
    assertThat(rig.messages).containsExactly(QUEUE_MESSAGE);
    rig.block.capacityChanged();
    assertThat(rig.messages).containsExactly(QUEUE_MESSAGE, CONFIG_MESSAGE);
    assertThat(rig.asserted).as("INTx").isEmpty();
  }

  @Must({47, 48, 49})
  @Test
  void m49_anEventMappedToNoVectorSendsNothing() {
    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, NO_VECTOR);
    rig.driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, NO_VECTOR);
    rig.completeOne();
    rig.block.capacityChanged();
    assertThat(rig.messages).isEmpty();
    assertThat(rig.asserted).isEmpty();
    assertThat(rig.statusInterrupt()).isFalse();
  }

  @Must(47)
  @Test
  void m47_aMaskedVectorIsPendingAndItsMessageComesOnceWhenTheMaskGoes() {
    mask(QUEUE, true);
    rig.completeOne();
    rig.completeOne();
    assertThat(rig.messages).isEmpty();
    assertThat(pending()).isEqualTo(1 << QUEUE);
    rig.block.capacityChanged();
    assertThat(rig.messages).containsExactly(CONFIG_MESSAGE);
    mask(QUEUE, false);
    assertThat(rig.messages).containsExactly(CONFIG_MESSAGE, QUEUE_MESSAGE);
    assertThat(pending()).isZero();
    mask(QUEUE, true);
    mask(QUEUE, false);
    assertThat(rig.messages).hasSize(2);
  }

  @Must(47)
  @Test
  void m47_theFunctionMaskHoldsAllVectorsBack() {
    rig.setConfig(control, 2, ENABLE | FUNCTION_MASK);
    rig.completeOne();
    rig.block.capacityChanged();
    assertThat(rig.messages).isEmpty();
    assertThat(pending()).isEqualTo(1 << QUEUE | 1 << CONFIG);
    rig.setConfig(control, 2, ENABLE);
    assertThat(rig.messages).containsExactly(QUEUE_MESSAGE, CONFIG_MESSAGE);
  }

  @Must(32)
  @Test
  void m32_withoutBusMasteringAMessageWaitsLikeTheUsedBufferItTellsOf() {
    rig.submitRead(0);
    rig.command(PciRig.MEMORY);
    rig.clock.advance(PciRig.SECOND);
    rig.block.capacityChanged();
    assertThat(rig.messages).isEmpty();
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    assertThat(rig.messages).containsExactly(CONFIG_MESSAGE);
    rig.clock.advance(0);
    assertThat(rig.messages).containsExactly(CONFIG_MESSAGE, QUEUE_MESSAGE);
    assertThat(rig.ring.hasUsed()).isTrue();
  }

  @Must({3, 48})
  @Test
  void m48_aResetUnmapsAllAndTakesPendingMessagesBack() {
    mask(QUEUE, true);
    mask(CONFIG, true);
    rig.completeOne();
    rig.block.capacityChanged();
    rig.driver.reset();
    assertThat(rig.driver.readCommon(FakeDriver.MSIX_CONFIG, 2)).isEqualTo(NO_VECTOR);
    assertThat(rig.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(NO_VECTOR);
    assertThat(pending()).isZero();
    mask(QUEUE, false);
    mask(CONFIG, false);
    assertThat(rig.messages).isEmpty();
    rig.start();
    map();
    rig.completeOne();
    assertThat(rig.messages).as("the table is PCI's and stays").containsExactly(QUEUE_MESSAGE);
  }

  @Must(49)
  @Test
  void m49_unmappingAnEventTakesItsPendingMessageBackUnlessTheVectorIsShared() {
    mask(QUEUE, true);
    rig.completeOne();
    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, NO_VECTOR);
    mask(QUEUE, false);
    assertThat(rig.messages).isEmpty();

    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, CONFIG);
    mask(CONFIG, true);
    rig.block.capacityChanged();
    rig.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, NO_VECTOR);
    mask(CONFIG, false);
    assertThat(rig.messages).containsExactly(CONFIG_MESSAGE);
  }

  @Must({44, 45})
  @Test
  void m44_withMsixSwitchedOffAndOnDuringIoEachCompletionComesByTheWayOfItsTime() {
    rig.submitRead(0);
    rig.setConfig(control, 2, 0);
    rig.clock.advance(PciRig.DUE);
    rig.ring.takeUsed();
    assertThat(rig.messages).isEmpty();
    assertThat(rig.asserted).isNotEmpty();
    rig.setConfig(control, 2, ENABLE);
    assertThat(rig.asserted).isEmpty();
    rig.completeOne();
    assertThat(rig.messages).containsExactly(QUEUE_MESSAGE);
    rig.setConfig(control, 2, 0);
    assertThat(rig.asserted).as("the ISR was not read").isNotEmpty();
    assertThat(rig.driver.readIsr()).isEqualTo(1);
    assertThat(rig.asserted).isEmpty();
  }
}

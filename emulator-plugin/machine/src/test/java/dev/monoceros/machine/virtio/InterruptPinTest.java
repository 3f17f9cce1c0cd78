package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;

/** INTx, the PCI status bit and the ISR status while MSI-X is off (4.1.5.3, 4.1.4.5). */
class InterruptPinTest {
  private static final int ON = PciRig.MEMORY | PciRig.BUS_MASTER;

  private final PciRig rig = PciRig.started();

  private void assertInterrupt(boolean wire, boolean status) {
    assertThat(!rig.asserted.isEmpty()).as("wire").isEqualTo(wire);
    assertThat(rig.statusInterrupt()).as("status bit").isEqualTo(status);
  }

  @Must(32)
  @Test
  void m32_theFunctionNamesItsPinAndItsLine() {
    assertThat(rig.config(0x3d, 1)).as("INTA#").isEqualTo(1);
    assertThat(rig.config(0x3c, 1)).as("as the board is wired").isEqualTo(10);
    rig.setConfig(0x3c, 1, 0xa5);
    rig.setConfig(0x3d, 1, 2);
    assertThat(rig.config(0x3c, 1)).as("the line is the driver's to note down").isEqualTo(0xa5);
    assertThat(rig.config(0x3d, 1)).as("the pin is not").isEqualTo(1);
  }

  @Must({44, 45})
  @Test
  void m44_theWireIsHighFromTheCompletionToTheReadOfTheIsr() {
    assertInterrupt(false, false);
    int head = rig.submitRead(0);
    rig.clock.advance(PciRig.DUE - 1);
    assertInterrupt(false, false);
    rig.clock.advance(1);
    assertInterrupt(true, true);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    rig.completeOne();
    assertInterrupt(true, true);
    assertThat(rig.driver.readIsr()).isEqualTo(1);
    assertInterrupt(false, false);
    assertThat(rig.driver.readIsr()).isZero();
  }

  @Must({43, 44, 45})
  @Test
  void m43_aConfigurationChangeIsBit1() {
    rig.backend.resize(512);
    rig.block.capacityChanged();
    assertInterrupt(true, true);
    rig.completeOne();
    assertThat(rig.driver.readIsr()).isEqualTo(3);
    assertInterrupt(false, false);
  }

  @Must(44)
  @Test
  void m44_interruptDisableHoldsTheWireButNotTheStatusBit() {
    rig.completeOne();
    rig.command(ON | PciRig.INTERRUPT_DISABLE);
    assertInterrupt(false, true);
    rig.command(ON);
    assertInterrupt(true, true);
    rig.command(ON | PciRig.INTERRUPT_DISABLE);
    assertThat(rig.driver.readIsr()).isEqualTo(1);
    assertInterrupt(false, false);
    rig.completeOne();
    assertInterrupt(false, true);
    rig.command(ON);
    assertInterrupt(true, true);
  }

  @Must({1, 45})
  @Test
  void m45_aResetDropsTheWire() {
    rig.completeOne();
    rig.driver.reset();
    assertInterrupt(false, false);
    assertThat(rig.driver.readIsr()).isZero();
  }

  @Must(44)
  @Test
  void m44_msixOnDropsTheWireAndOffBringsItBack() {
    int control = rig.capability(PciRig.MSIX) + 2;
    rig.completeOne();
    rig.setConfig(control, 2, 0x8000);
    assertInterrupt(false, false);
    rig.setConfig(control, 2, 0);
    assertInterrupt(true, true);
    rig.setConfig(control, 2, 0x8000);
    rig.completeOne();
    assertThat(rig.driver.readIsr()).isEqualTo(1);
    rig.setConfig(control, 2, 0);
    assertInterrupt(false, false);
  }

  @Must(44)
  @Test
  void m44_theStatusBitIsReadOnly() {
    rig.completeOne();
    rig.setConfig(PciRig.STATUS, 2, 0xffff);
    assertInterrupt(true, true);
    rig.driver.readIsr();
    rig.setConfig(PciRig.STATUS, 2, 0xffff);
    assertInterrupt(false, false);
  }
}

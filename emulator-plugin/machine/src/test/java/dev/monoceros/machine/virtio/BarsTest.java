package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Base address registers (PCI 3.0, 6.2.5.1): their sizes, and relocation while the device runs. */
class BarsTest {
  private static final int BARS = 6;
  private static final long DEAD = 0xff;
  private static final long ELSEWHERE = 0xe800_0000L;

  private final PciRig rig = PciRig.started();

  /** How large the range is, as firmware finds out; the register is put back. */
  private long size(int bar) {
    int register = PciRig.BAR0 + 4 * bar;
    long before = rig.config(register, 4);
    rig.setConfig(register, 4, 0xffff_ffffL);
    long mask = rig.config(register, 4);
    rig.setConfig(register, 4, before);
    return mask == 0 ? 0 : (~(mask & ~0xfL) & 0xffff_ffffL) + 1;
  }

  @Must(32)
  @ParameterizedTest
  @EnumSource
  void m32_barsTellTheirSizesAndAreAlignedToThem(ConfigAccess access) {
    rig.access = access;
    for (int bar = 0; bar < BARS; bar++) {
      long size = size(bar);
      assertThat(rig.config(PciRig.BAR0 + 4 * bar, 4) & 0xf).as("32-bit memory").isZero();
      assertThat(Long.bitCount(size)).as("BAR %d has 0x%x bytes", bar, size).isLessThanOrEqualTo(1);
      assertThat(size == 0).isEqualTo(bar > PciRig.MSIX_BAR);
      assertThat(size == 0 ? 0 : rig.barAddress(bar) % size).isZero();
    }
    rig.completeOne();
  }

  @Must(32)
  @Test
  void m32_theLowBitsOfABarCannotBeSet() {
    rig.moveBar(PciRig.VIRTIO_BAR, ELSEWHERE + 0x3fff);
    assertThat(rig.config(PciRig.BAR0, 4)).isEqualTo(ELSEWHERE);
  }

  @Must(32)
  @Test
  void m32_aBarMovedDuringIoAnswersAtItsNewAddressOnly() {
    long old = rig.barAddress(PciRig.VIRTIO_BAR);
    int head = rig.submitRead(1);
    rig.moveBar(PciRig.VIRTIO_BAR, ELSEWHERE);
    assertThat(rig.mmio.read(old + FakeDriver.STATUS, 1)).isEqualTo(DEAD);
    rig.mmio.write(old + FakeDriver.STATUS, 1, 0);
    assertThat(rig.mmio.read(ELSEWHERE + FakeDriver.STATUS, 1)).isEqualTo(0xf);
    rig.clock.advance(PciRig.DUE);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.driver.readIsr()).isEqualTo(1);
    assertThat(rig.asserted).isEmpty();
    rig.completeOne();
  }

  @Must({32, 46})
  @Test
  void m46_theMsixTableMovesWithItsBarAndKeepsItsEntries() {
    long old = rig.barAddress(PciRig.MSIX_BAR);
    rig.mmio.write(old + 8, 4, 0x41);
    rig.moveBar(PciRig.MSIX_BAR, ELSEWHERE);
    assertThat(rig.mmio.read(old + 8, 1)).isEqualTo(DEAD);
    assertThat(rig.mmio.read(ELSEWHERE + 8, 4)).isEqualTo(0x41);
    assertThat(rig.driver.status()).as("the other BAR stays").isEqualTo(0xf);
  }

  @Must(32)
  @Test
  void m32_barsMayChangePlacesWhileDecodingIsOff() {
    long virtio = rig.barAddress(PciRig.VIRTIO_BAR);
    long msix = rig.barAddress(PciRig.MSIX_BAR);
    long apart = size(PciRig.VIRTIO_BAR);
    rig.command(PciRig.BUS_MASTER);
    rig.moveBar(PciRig.VIRTIO_BAR, virtio + apart);
    rig.moveBar(PciRig.MSIX_BAR, virtio);
    rig.command(PciRig.BUS_MASTER | PciRig.MEMORY);
    assertThat(msix).as("it was in the way").isEqualTo(virtio + apart);
    assertThat(rig.mmio.read(virtio + 12, 4)).as("vector control, masked").isEqualTo(1);
    rig.completeOne();
  }

  @Must(32)
  @Test
  void m32_aBarAtZeroIsNotDecoded() {
    rig.moveBar(PciRig.VIRTIO_BAR, 0);
    assertThat(rig.mmio.read(FakeDriver.STATUS, 1)).isEqualTo(DEAD);
    rig.moveBar(PciRig.VIRTIO_BAR, ELSEWHERE);
    rig.completeOne();
  }
}

package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The command register's memory and bus master bits (PCI 3.0, 6.2.2) during I/O. */
class CommandRegisterTest {
  private static final int LIVE =
      FakeDriver.S_ACKNOWLEDGE
          | FakeDriver.S_DRIVER
          | FakeDriver.S_FEATURES_OK
          | FakeDriver.S_DRIVER_OK;

  private final PciRig rig = PciRig.started();

  private void assertRamUntouchedFor(long nanos) {
    byte[] before = rig.ram.snapshot();
    rig.clock.advance(nanos);
    assertThat(Arrays.equals(rig.ram.snapshot(), before)).isTrue();
    assertThat(rig.asserted).isEmpty();
  }

  @Must(32)
  @Test
  void m32_withMemoryDecodingOffNoRegisterAnswersAndNoneIsWritten() {
    long bar = rig.barAddress(PciRig.VIRTIO_BAR);
    long table = rig.barAddress(PciRig.MSIX_BAR);
    rig.command(PciRig.BUS_MASTER);
    assertThat(rig.mmio.read(bar, 4)).isEqualTo(0xffff_ffffL);
    assertThat(rig.mmio.read(table, 4)).isEqualTo(0xffff_ffffL);
    rig.mmio.write(bar + FakeDriver.STATUS, 1, 0);
    rig.submitRead(1);
    rig.clock.advance(PciRig.SECOND);
    assertThat(rig.backend.reads()).as("the kick went nowhere").isZero();
    rig.command(PciRig.BUS_MASTER | PciRig.MEMORY);
    assertThat(rig.driver.status()).as("not reset").isEqualTo(LIVE);
    rig.driver.kick(0);
    rig.clock.advance(PciRig.DUE);
    assertThat(rig.ring.hasUsed()).isTrue();
  }

  @Must(32)
  @Test
  void m32_withMemoryDecodingOffRequestsInFlightComplete() {
    int head = rig.submitRead(1);
    rig.command(PciRig.BUS_MASTER);
    rig.clock.advance(PciRig.DUE);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.asserted).as("INTx needs no decoding").isNotEmpty();
  }

  @Must(32)
  @ParameterizedTest
  @EnumSource
  void m32_withoutBusMasteringAKickWaitsAndIsNotLost(ConfigAccess access) {
    rig.access = access;
    rig.command(PciRig.MEMORY);
    int head = rig.submitRead(1);
    assertRamUntouchedFor(PciRig.SECOND);
    assertThat(rig.backend.reads()).isZero();
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.clock.advance(PciRig.DUE);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.asserted).isNotEmpty();
  }

  @Must(32)
  @Test
  void m32_withoutBusMasteringACompletionWaitsAndIsNotLost() {
    int head = rig.submitRead(1);
    rig.command(PciRig.MEMORY);
    assertRamUntouchedFor(PciRig.SECOND);
    assertThat(rig.driver.status()).as("registers answer").isEqualTo(LIVE);
    rig.setConfig(PciRig.COMMAND, 1, PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.clock.advance(0);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.S_OK);
  }

  @Must(32)
  @Test
  void m32_afterPowerOnNothingIsMasterUntilTheDriverSaysSo() {
    PciRig fresh = new PciRig();
    assertThat(fresh.config(PciRig.COMMAND, 2) & PciRig.BUS_MASTER).isZero();
    fresh.start();
    int head = fresh.submitRead(0);
    fresh.clock.advance(PciRig.SECOND);
    assertThat(fresh.ring.hasUsed()).isFalse();
    fresh.setConfig(PciRig.COMMAND, 4, PciRig.MEMORY | PciRig.BUS_MASTER);
    fresh.clock.advance(PciRig.DUE);
    assertThat(fresh.ring.takeUsed()).isEqualTo(head);
  }

  @Must({3, 32})
  @Test
  void m03_aResetWithoutBusMasteringForgetsKicksAndCompletions() {
    rig.submitRead(1);
    rig.command(PciRig.MEMORY);
    rig.clock.advance(PciRig.SECOND);
    rig.driver.kick(0);
    rig.driver.reset();
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    assertRamUntouchedFor(PciRig.SECOND);
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.clock.isArmed()).isFalse();
    rig.start();
    rig.completeOne();
  }

  @Must(3)
  @Test
  void m03_switchingMasteringOffAndOnAtEveryStageLosesNoRequest() {
    byte[] expected = new byte[512];
    for (int i = 0; i < 64; i++) {
      Arrays.fill(expected, (byte) (i + 1));
      System.arraycopy(expected, 0, rig.backend.bytes(), 512 * (i % 8), 512);
      rig.command(i % 2 == 0 ? PciRig.MEMORY : PciRig.MEMORY | PciRig.BUS_MASTER);
      int head = rig.submitRead(i % 8);
      rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
      rig.clock.advance(PciRig.DUE * i / 64);
      rig.command(PciRig.MEMORY);
      rig.clock.advance(PciRig.DUE);
      rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
      rig.disk.await();
      assertThat(rig.ring.takeUsed()).isEqualTo(head);
      byte[] got = new byte[512];
      rig.ram.read(rig.disk.dataAddress(), got, 0, got.length);
      assertThat(got).isEqualTo(expected);
    }
  }
}

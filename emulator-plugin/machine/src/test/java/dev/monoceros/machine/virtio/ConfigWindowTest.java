package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The PCI_CFG capability's window on the BAR (4.1.4.9), through both ways to config space. */
@ParameterizedClass
@EnumSource(ConfigAccess.class)
class ConfigWindowTest {
  private static final int BAR = PciRig.VIRTIO_BAR;
  private static final long RAM_BASE = 0x18_0000;

  private final PciRig rig = new PciRig();
  private final WindowRegisters window;

  ConfigWindowTest(ConfigAccess access) {
    rig.access = access;
    window = WindowRegisters.of(rig);
  }

  @Must(50)
  @Test
  void m50_aDriverWithoutBarsDoesItsIoThroughTheWindow() {
    rig.command(PciRig.BUS_MASTER); // no memory decoding
    rig.use(new FakeDriver(window, rig.ram, RAM_BASE));
    byte[] written = new byte[1024];
    java.util.Arrays.fill(written, (byte) 0x5a);
    rig.disk.write(3, written);
    assertThat(rig.disk.read(3, 2)).isEqualTo(written);
    assertThat(rig.backend.writes()).isEqualTo(1);
    assertThat(rig.asserted).as("its ISR was read through the window").isEmpty();
  }

  @Must(50)
  @Test
  void m50_everyStructureReadsAsItDoesThroughTheBar() {
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.start();
    for (int type : new int[] {1, 4}) {
      long start = rig.structure(type).read(8, 4);
      long length = rig.structure(type).read(12, 4);
      for (int size = 1; size <= 4; size *= 2) {
        for (long at = start; at + size <= start + length; at += size) {
          assertThat(window.read(BAR, at, size))
              .as("%d bytes at 0x%x", size, at)
              .isEqualTo(rig.registers().read(BAR, at, size));
        }
      }
    }
  }

  @Must({45, 50})
  @Test
  void m50_aReadOfTheIsrThroughTheWindowDropsTheInterrupt() {
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.start().completeOne();
    long isr = rig.structure(3).read(8, 4);
    assertThat(rig.asserted).isNotEmpty();
    assertThat(window.read(BAR, isr, 1)).isEqualTo(1);
    assertThat(rig.asserted).isEmpty();
    assertThat(window.read(BAR, isr, 1)).isZero();
  }

  @Must({32, 50})
  @Test
  void m50_aKickThroughTheWindowWaitsForBusMasteringToo() {
    rig.use(new FakeDriver(window, rig.ram, RAM_BASE));
    rig.submitRead(1);
    rig.clock.advance(PciRig.SECOND);
    assertThat(rig.ring.hasUsed()).isFalse();
    rig.command(PciRig.BUS_MASTER);
    rig.disk.await();
    assertThat(rig.ring.hasUsed()).isTrue();
  }

  @Must(50)
  @Test
  void m50_onlyTheDataFieldCausesAnAccess() {
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.start().completeOne();
    window.aim(BAR, rig.structure(3).read(8, 4), 1);
    for (int at = 0; at < 16; at += 4) {
      rig.config(window.window() + at, 4);
    }
    assertThat(rig.driver.readIsr()).as("not read yet").isEqualTo(1);
  }

  @Must(50)
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 5, 8, 16, -1})
  void m50_anAimThatIsNoAccessDoesNothing(int length) {
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.start();
    window.aim(BAR, FakeDriver.STATUS, length);
    rig.setConfig(window.window() + 16, 4, 0);
    assertThat(rig.driver.status()).as("not reset").isEqualTo(0xf);
  }

  @Must(50)
  @Test
  void m50_anotherBarOrAPlaceBeyondItDoesNothing() {
    rig.command(PciRig.MEMORY | PciRig.BUS_MASTER);
    rig.start();
    long[][] aims = {
      {2, FakeDriver.STATUS}, {255, FakeDriver.STATUS}, {BAR, 0x1_0000}, {BAR, 0xffff_fffcL}
    };
    for (long[] aim : aims) {
      window.aim((int) aim[0], aim[1], 4);
      rig.setConfig(window.window() + 16, 4, 0);
      window.data();
    }
    assertThat(rig.driver.status()).isEqualTo(0xf);
  }
}

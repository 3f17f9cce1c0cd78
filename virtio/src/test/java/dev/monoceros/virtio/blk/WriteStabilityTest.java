package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When what the driver writes must be stable (5.2.6.2), by what it negotiated and wrote. */
@ParameterizedClass
@EnumSource(Bus.class)
class WriteStabilityTest {
  private static final int WRITEBACK = 32;
  private static final int AFTER_WRITEBACK = 33;

  private final BlkRig rig;

  WriteStabilityTest(Bus bus) {
    this.rig = new BlkRig(bus);
  }

  private void start(boolean flush, boolean wce) {
    long without = (flush ? 0 : BlkRig.FLUSH) | (wce ? 0 : BlkRig.CONFIG_WCE);
    rig.start(rig.driver.offered() & ~without, 16);
  }

  /** Writes a sector; whether it was stable when it completed. */
  private boolean isStable() {
    rig.disk.write(1, BlkRig.pattern(512, 4));
    return rig.backend.unflushed() == 0;
  }

  /** Zeroes a sector; whether that was stable when it completed. */
  private boolean areZeroesStable() {
    long at = rig.driver.allocate(64, 16);
    rig.disk.putHeader(at, 13, 0);
    rig.memory.putU64(at + 16, 3);
    rig.memory.putU32(at + 24, 1);
    rig.memory.putU32(at + 28, 0);
    rig.ring.submit(
        rig.ring.chain(List.of(DriverBuffer.readable(at, 32), DriverBuffer.writable(at + 48, 1))));
    rig.disk.await();
    rig.ring.takeUsed();
    assertThat(rig.memory.u8(at + 48)).isEqualTo(BlkDriver.S_OK);
    return rig.backend.unflushed() == 0;
  }

  @Must({52, 58})
  @ParameterizedTest
  @CsvSource({
    // FLUSH and CONFIG_WCE negotiated -> writeback, and stable at once
    "true, true, 1, false",
    "true, false, 1, false",
    "false, true, 0, true",
    "false, false, 1, true"
  })
  void m58_whatWasNegotiatedDecides(boolean flush, boolean wce, int writeback, boolean stable) {
    start(flush, wce);
    assertThat(rig.driver.readConfig(WRITEBACK, 1)).isEqualTo(writeback);
    assertThat(isStable()).isEqualTo(stable);
    assertThat(areZeroesStable()).isEqualTo(stable);
  }

  @Must(58)
  @Test
  void m58_theDriverSwitchesWithWriteback() {
    start(true, true);
    for (boolean through : new boolean[] {true, false, true}) {
      rig.driver.writeConfig(WRITEBACK, 1, through ? 0 : 1);
      assertThat(rig.driver.readConfig(WRITEBACK, 1)).isEqualTo(through ? 0 : 1);
      assertThat(isStable()).isEqualTo(through);
      assertThat(areZeroesStable()).isEqualTo(through);
    }
  }

  @Must(58)
  @Test
  void m58_withoutConfigWceWritebackIsReadOnly() {
    start(true, false);
    rig.driver.writeConfig(WRITEBACK, 1, 0);
    assertThat(rig.driver.readConfig(WRITEBACK, 1)).isEqualTo(1);
    assertThat(isStable()).isFalse();
    rig.disk.flush();
    assertThat(rig.backend.unflushed()).isZero();
  }

  @Must(52)
  @Test
  void m52_aResetTakesWritebackBackAndPaddingStaysZero() {
    start(true, true);
    rig.driver.writeConfig(WRITEBACK, 1, 0);
    rig.driver.writeConfig(AFTER_WRITEBACK, 1, 0xFF);
    rig.driver.writeConfig(57, 1, 0xFF);
    assertThat(rig.driver.readConfig(AFTER_WRITEBACK, 1)).isZero();
    for (int padding = 57; padding < 60; padding++) {
      assertThat(rig.driver.readConfig(padding, 1)).isZero();
    }
    rig.driver.reset();
    assertThat(rig.driver.readConfig(WRITEBACK, 1)).isEqualTo(1);
  }

  @Must(52)
  @Test
  void m52_aDriverThatTakesConfigWceAloneReadsWriteback0AndTheNextOneDoesNot() {
    start(false, true);
    assertThat(rig.driver.readConfig(WRITEBACK, 1)).isZero();
    start(true, true);
    assertThat(rig.driver.readConfig(WRITEBACK, 1)).isEqualTo(1);
  }
}

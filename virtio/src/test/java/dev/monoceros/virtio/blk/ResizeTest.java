package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.BlkDriver.Range;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that changes its size while the driver works on it (5.2.5.2). */
@ParameterizedClass
@EnumSource(Wiring.class)
class ResizeTest {

  private final BlkRig rig;

  ResizeTest(Wiring wiring) {
    this.rig = BlkRig.started(wiring);
  }

  private void resize(int sectors) {
    rig.backend.resize(sectors);
    rig.block.capacityChanged();
  }

  private long generation() {
    return rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1);
  }

  @Must({13, 53})
  @Test
  void m53_everyChangeOfTheCapacityIsAnInterruptAndANewGeneration() {
    long before = generation();
    for (int i = 1; i <= 300; i++) {
      resize(BlkRig.SECTORS + i);
      assertThat(rig.driver.readIsr()).isEqualTo(2);
      assertThat(generation()).isEqualTo((before + i) & 0xFF);
      assertThat(rig.driver.readConfig(0, 8)).isEqualTo(BlkRig.SECTORS + i);
    }
  }

  @Must({13, 14})
  @Test
  void m13_halvesReadAroundAChangeAreToldApartByTheGeneration() {
    long generation = generation();
    long low = rig.driver.readConfig(0, 4);
    resize(BlkRig.SECTORS * 2);
    long high = rig.driver.readConfig(4, 4);
    assertThat(generation()).isNotEqualTo(generation);
    assertThat(low | high << 32).isEqualTo(BlkRig.SECTORS);
    assertThat(rig.driver.readConfig(0, 4) | rig.driver.readConfig(4, 4) << 32)
        .isEqualTo(2 * BlkRig.SECTORS);
  }

  @Must({53, 61})
  @Test
  void m61_theNewCapacityCountsForTheNextRequestAlsoWhileOthersAreInFlight() {
    int old = rig.queue.chain(rig.request(BlkDriver.T_IN, BlkRig.SECTORS - 1, 512, true));
    rig.queue.submit(old);
    resize(8);
    rig.disk.await();
    assertThat(rig.queue.takeUsed()).isEqualTo(old);
    assertThat(rig.queue.usedLength()).isEqualTo(512 + 1);
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 8, 512, true)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 7, 512, true)).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.disk.change(BlkDriver.T_WRITE_ZEROES, new Range(7, 2, 0)))
        .isEqualTo(BlkDriver.S_IOERR);
    resize(1000);
    rig.disk.write(999, BlkRig.pattern(512, 3));
    assertThat(rig.disk.read(999, 1)).isEqualTo(BlkRig.pattern(512, 3));
    assertThat(rig.disk.change(BlkDriver.T_DISCARD, new Range(990, 10, 0)))
        .isEqualTo(BlkDriver.S_OK);
  }

  @Must(3)
  @Test
  void m03_aChangeBetweenResetAndDriverOkInterruptsNobody() {
    rig.driver.reset();
    resize(77);
    rig.driver.negotiate(rig.driver.offered());
    resize(78);
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.driver.readIsr()).isZero();
    assertThat(rig.driver.readConfig(0, 8)).isEqualTo(78);
  }
}

package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a device never offers, and that its answer to a set of features never changes (2.2). */
@ParameterizedClass
@EnumSource(Bus.class)
class FeatureSetsTest {
  // Bits as linux/virtio_blk.h and linux/virtio_config.h have them.
  private static final long LIFETIME = 1L << 15;
  private static final long ZONED = 1L << 17;
  private static final long SR_IOV = 1L << 37;

  private final BlkRig rig;
  private final FakeDriver driver;

  FeatureSetsTest(Bus bus) {
    this.rig = new BlkRig(bus);
    this.driver = rig.driver;
  }

  @Must(8)
  @Test
  void m08_aSetThatWasAcceptedIsAcceptedAgain() {
    for (long features : new long[] {driver.offered(), BlkRig.VERSION_1, driver.offered()}) {
      for (int time = 0; time < 3; time++) {
        rig.start(features, 16);
        assertThat(rig.disk.read(0, 1)).hasSize(512);
        assertThat(driver.negotiate(BlkRig.VERSION_1 | 1L << 62)).isFalse();
      }
    }
  }

  @Must({6, 8})
  @Test
  void m08_aRefusalIsForgottenWithTheReset() {
    driver.reset();
    driver.writeCommon(FakeDriver.DRIVER_FEATURE_SELECT, 4, 2);
    driver.writeCommon(FakeDriver.DRIVER_FEATURE, 4, 1);
    driver.writeFeatures(driver.offered());
    driver.addStatus(FakeDriver.S_FEATURES_OK);
    assertThat(driver.status() & FakeDriver.S_FEATURES_OK).isZero();
    assertThat(driver.negotiate(driver.offered())).isTrue();
  }

  @Must(11)
  @Test
  void m11_singleRootVirtualisationIsNotOffered() {
    assertThat(driver.offered() & SR_IOV).isZero();
  }

  @Must({59, 60})
  @Test
  void m59_lifetimeAndZonesAreNotOffered() {
    assertThat(driver.offered() & (LIFETIME | ZONED)).isZero();
  }
}

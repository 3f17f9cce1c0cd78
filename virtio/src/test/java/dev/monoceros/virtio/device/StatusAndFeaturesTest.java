package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;

/** Status machine and feature negotiation, as a driver sees them (2.1, 2.2, 3.1). */
class StatusAndFeaturesTest {
  private static final int ACKNOWLEDGED = FakeDriver.S_ACKNOWLEDGE | FakeDriver.S_DRIVER;
  private static final long[] OFFERED = {
    BlkRig.SEG_MAX,
    BlkRig.BLK_SIZE,
    BlkRig.FLUSH,
    BlkRig.INDIRECT,
    BlkRig.EVENT_IDX,
    BlkRig.RING_RESET,
    BlkRig.TOPOLOGY,
    BlkRig.CONFIG_WCE,
    BlkRig.DISCARD,
    BlkRig.WRITE_ZEROES
  };

  private final BlkRig rig = new BlkRig();
  private final FakeDriver driver = rig.driver;

  @Must(1)
  @Test
  void m01_writingZeroResetsEverythingTheDriverSet() {
    rig.start(16);
    rig.disk.read(0, 1);
    rig.block.capacityChanged();
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 5);
    driver.writeCommon(FakeDriver.STATUS, 1, 0);
    assertThat(driver.status()).isZero();
    assertThat(driver.readIsr()).isZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_SELECT, 2)).isZero();
    assertThat(driver.readCommon(FakeDriver.DRIVER_FEATURE_SELECT, 4)).isZero();
    assertThat(driver.driverFeatures()).isZero();
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(256);
    for (int field = FakeDriver.QUEUE_DESC_LOW; field <= FakeDriver.QUEUE_USED_HIGH; field += 4) {
      assertThat(driver.readCommon(field, 4)).isZero();
    }
    rig.start(8);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  @Must(2)
  @Test
  void m02_buffersAreNotConsumedBeforeDriverOk() {
    assertThat(driver.negotiate(driver.offered())).isTrue();
    rig.ring = driver.setUpQueue(0, 16);
    rig.disk = new BlkDriver(driver, rig.ring, rig.clock, 4096);
    int head = rig.ring.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true));
    rig.ring.submit(head);
    rig.clock.runAll(10);
    assertThat(rig.ring.hasUsed()).isFalse();
    assertThat(rig.backend.reads()).isZero();
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.transport.ignoredNotifications()).isEqualTo(1);

    driver.addStatus(FakeDriver.S_DRIVER_OK);
    driver.kick(0);
    rig.disk.await();
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
  }

  @Must(2)
  @Test
  void m02_driverOkWithoutAcceptedFeaturesDoesNotMakeTheDeviceLive() {
    driver.reset();
    driver.addStatus(ACKNOWLEDGED | FakeDriver.S_DRIVER_OK);
    assertThat(driver.status()).isEqualTo(ACKNOWLEDGED);
  }

  @Test
  void statusBitsAreTakenAwayByAResetOnly() {
    rig.start(16);
    driver.writeCommon(FakeDriver.STATUS, 1, FakeDriver.S_ACKNOWLEDGE);
    assertThat(driver.status())
        .isEqualTo(ACKNOWLEDGED | FakeDriver.S_FEATURES_OK | FakeDriver.S_DRIVER_OK);
    driver.writeCommon(FakeDriver.STATUS, 1, FakeDriver.S_NEEDS_RESET | 0x30);
    assertThat(rig.needsReset()).as("NEEDS_RESET is the device's own bit").isFalse();
  }

  @Must({6, 8})
  @Test
  void m06_everySubsetOfTheOfferedFeaturesIsAcceptedAgainAndAgainAndWorks() {
    for (int round = 0; round < 2; round++) {
      for (int subset = 0; subset < 1 << OFFERED.length; subset++) {
        long features = BlkRig.VERSION_1;
        for (int bit = 0; bit < OFFERED.length; bit++) {
          features |= (subset & 1 << bit) != 0 ? OFFERED[bit] : 0;
        }
        BlkRig fresh = new BlkRig().start(features, 16);
        assertThat(fresh.disk.read(1, 1)).as("features %x", features).hasSize(512);
      }
    }
  }

  @Must(6)
  @Test
  void m06_featuresOkStaysClearForABitThatWasNotOffered() {
    for (int bit = 0; bit < 64; bit++) {
      long features = BlkRig.VERSION_1 | 1L << bit;
      boolean offered = (driver.offered() & features) == features;
      assertThat(driver.negotiate(features)).as("bit %d", bit).isEqualTo(offered);
    }
    for (int select = 2; select < 5; select++) {
      driver.reset();
      driver.writeFeatures(BlkRig.VERSION_1);
      driver.writeCommon(FakeDriver.DRIVER_FEATURE_SELECT, 4, select);
      driver.writeCommon(FakeDriver.DRIVER_FEATURE, 4, 1);
      driver.addStatus(ACKNOWLEDGED | FakeDriver.S_FEATURES_OK);
      assertThat(driver.status()).as("window %d", select).isEqualTo(ACKNOWLEDGED);
    }
  }

  @Must({6, 9})
  @Test
  void m09_version1IsOfferedAndADriverWithoutItIsRefused() {
    assertThat(driver.offered() & BlkRig.VERSION_1).isNotZero();
    assertThat(driver.negotiate(driver.offered() & ~BlkRig.VERSION_1)).isFalse();
    assertThat(driver.negotiate(driver.offered())).as("it may try again").isTrue();
  }

  @Must(6)
  @Test
  void m06_featuresCannotChangeOnceTheyAreAccepted() {
    driver.negotiate(BlkRig.VERSION_1);
    driver.writeFeatures(driver.offered());
    assertThat(driver.driverFeatures()).isEqualTo(BlkRig.VERSION_1);
  }

  @Must({5, 7})
  @Test
  void m07_exactlyTheFeaturesThatAreHonouredAreOfferedAndCanBeHidden() {
    long all = BlkRig.VERSION_1;
    for (long feature : OFFERED) {
      all |= feature;
      BlkRig without = new BlkRig(BlkOptions.DEFAULT.withHiddenFeatures(feature));
      // 5.2.5.2: CONFIG_WCE goes with FLUSH.
      long gone = feature == BlkRig.FLUSH ? feature | BlkRig.CONFIG_WCE : feature;
      assertThat(without.driver.offered()).isEqualTo(driver.offered() & ~gone);
      without.start(16);
      without.disk.write(0, BlkRig.pattern(512, 1));
      assertThat(without.disk.read(0, 1)).isEqualTo(BlkRig.pattern(512, 1));
    }
    assertThat(driver.offered()).isEqualTo(all);
  }

  @Must(4)
  @Test
  void m04_ringsThatCannotBeUsedNeedAResetAsSoonAsTheDeviceIsLive() {
    long outside = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES;
    for (int field = FakeDriver.QUEUE_DESC_LOW; field < FakeDriver.QUEUE_USED_HIGH; field += 8) {
      for (long address : new long[] {0, outside - 16, outside, -16, BlkRig.MEMORY_BASE + 1}) {
        driver.negotiate(driver.offered());
        driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
        driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, 16);
        for (int each = FakeDriver.QUEUE_DESC_LOW; each < FakeDriver.QUEUE_USED_HIGH; each += 8) {
          long value = each == field ? address : BlkRig.MEMORY_BASE + 1024L * each;
          driver.writeCommon(each, 4, value);
          driver.writeCommon(each + 4, 4, value >>> 32);
        }
        driver.writeCommon(FakeDriver.QUEUE_ENABLE, 2, 1);
        assertThat(rig.needsReset()).isFalse();
        driver.addStatus(FakeDriver.S_DRIVER_OK);
        assertThat(rig.needsReset()).as("field %d, address %x", field, address).isTrue();
        assertThat(driver.readIsr()).as("configuration interrupt").isEqualTo(2);
        driver.kick(0);
        rig.clock.runAll(1);
      }
    }
    rig.start(16);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }
}

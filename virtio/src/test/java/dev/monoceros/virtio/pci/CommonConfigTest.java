package dev.monoceros.virtio.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The common configuration registers (4.1.4.3). */
class CommonConfigTest {
  private final BlkRig rig = new BlkRig();
  private final FakeDriver driver = rig.driver;

  @Must(36)
  @Test
  void m36_deviceFeatureFollowsItsSelectorAndIsZeroPastTheRange() {
    driver.writeCommon(FakeDriver.DEVICE_FEATURE_SELECT, 4, 0);
    assertThat(driver.readCommon(FakeDriver.DEVICE_FEATURE, 4) & 1L << 29).isNotZero();
    driver.writeCommon(FakeDriver.DEVICE_FEATURE_SELECT, 4, 1);
    assertThat(driver.readCommon(FakeDriver.DEVICE_FEATURE, 4)).isEqualTo(1 | 1 << 8);
    for (long select : new long[] {2, 3, 4, 32, 0x8000_0000L, 0xFFFF_FFFFL}) {
      driver.writeCommon(FakeDriver.DEVICE_FEATURE_SELECT, 4, select);
      assertThat(driver.readCommon(FakeDriver.DEVICE_FEATURE_SELECT, 4)).isEqualTo(select);
      assertThat(driver.readCommon(FakeDriver.DEVICE_FEATURE, 4)).isZero();
    }
  }

  @Must(37)
  @Test
  void m37_driverFeatureReadsBackTheValidBitsWritten() {
    driver.writeFeatures(driver.offered());
    assertThat(driver.driverFeatures()).isEqualTo(driver.offered());
    driver.writeFeatures(BlkRig.FLUSH | 1L << 63);
    assertThat(driver.driverFeatures()).isEqualTo(BlkRig.FLUSH);
    driver.writeCommon(FakeDriver.DRIVER_FEATURE_SELECT, 4, 7);
    assertThat(driver.readCommon(FakeDriver.DRIVER_FEATURE, 4)).isZero();
  }

  @Must(38)
  @Test
  void m38_aQueueIsDisabledAfterAResetAndAnAbsentQueueHasSizeZero() {
    rig.start(16);
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isEqualTo(1);
    driver.reset();
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(256);
    BlkRig mapped = BlkRig.withMsix(2);
    for (int absent : new int[] {1, 2, 255, 65535}) {
      mapped.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, absent);
      mapped.driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, 1);
      assertThat(mapped.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(0xFFFF);
      mapped.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
      assertThat(mapped.driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(0xFFFF);

      driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, absent);
      for (int field = FakeDriver.QUEUE_SIZE; field <= FakeDriver.QUEUE_USED_HIGH; field += 2) {
        driver.writeCommon(field, 2, 1);
        driver.writeCommon(field, 4, 1);
      }
      assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isZero();
      assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isZero();
      assertThat(driver.readCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2)).isEqualTo(0xFFFF);
      assertThat(driver.readCommon(FakeDriver.QUEUE_DESC_LOW, 4)).isZero();
    }
  }

  @Must(38)
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 100, 255, 257, 512, 32768, 65535})
  void m38_aQueueSizeThatIsNoPowerOfTwoWithinTheMaximumIsNotTaken(int size) {
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, 64);
    driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, size);
    assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(64);
  }

  @Must(38)
  @Test
  void m38_everyPowerOfTwoUpToTheMaximumWorks() {
    for (int size = 4; size <= 256; size *= 2) {
      driver.reset();
      driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
      driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, 2);
      driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, size);
      assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(size);
      rig.start(size);
      for (int i = 0; i < 2 * size; i++) {
        rig.disk.read(i % 8, 1);
      }
    }
  }

  @Must(40)
  @Test
  void m40_queueAddressesAreTakenAsHalvesInAnyOrder() {
    long value = 0x1234_5678_9ABC_DEF0L;
    for (int field = FakeDriver.QUEUE_DESC_LOW; field < FakeDriver.QUEUE_USED_HIGH; field += 8) {
      driver.writeCommon(field + 4, 4, value >>> 32);
      driver.writeCommon(field, 4, value);
      assertThat(driver.readCommon(field, 4)).isEqualTo(value & 0xFFFF_FFFFL);
      assertThat(driver.readCommon(field + 4, 4)).isEqualTo(value >>> 32);
      assertThat(driver.readCommon(field, 8)).isEqualTo(value);
      driver.writeCommon(field, 4, 0xFFFF_FFFFL);
      driver.writeCommon(field + 4, 4, 0x8000_0000L);
      assertThat(driver.readCommon(field, 8)).isEqualTo(0x8000_0000_FFFF_FFFFL);
      driver.writeCommon(field, 8, value);
      assertThat(driver.readCommon(field, 8)).isEqualTo(value);
    }
  }

  @Must({38, 40})
  @Test
  void anEnabledQueueKeepsItsRegisters() {
    rig.start(16);
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    long table = driver.readCommon(FakeDriver.QUEUE_DESC_LOW, 8);
    driver.writeCommon(FakeDriver.QUEUE_DESC_LOW, 8, 0);
    driver.writeCommon(FakeDriver.QUEUE_AVAIL_LOW, 8, 0);
    driver.writeCommon(FakeDriver.QUEUE_USED_LOW, 8, 0);
    driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, 8);
    driver.writeCommon(FakeDriver.QUEUE_ENABLE, 2, 0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_DESC_LOW, 8)).isEqualTo(table).isNotZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(16);
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isEqualTo(1);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  @Test
  void readsOfAnyWidthAndOffsetAreMadeOfTheSameBytes() {
    rig.start(16);
    byte[] bytes = new byte[72];
    for (int i = 0; i < 64; i++) {
      bytes[i] = (byte) driver.readCommon(i, 1);
    }
    for (int size : new int[] {2, 4, 8}) {
      for (int at = 0; at + size <= 64; at++) {
        long expected = 0;
        for (int i = size - 1; i >= 0; i--) {
          expected = expected << 8 | Byte.toUnsignedInt(bytes[at + i]);
        }
        assertThat(driver.readCommon(at, size)).as("%d bytes at %d", size, at).isEqualTo(expected);
      }
    }
  }

  @Test
  void readOnlyRegistersStayAsTheyAre() {
    driver.writeCommon(FakeDriver.NUM_QUEUES, 2, 9);
    driver.writeCommon(FakeDriver.CONFIG_GENERATION, 1, 9);
    driver.writeCommon(FakeDriver.QUEUE_NOTIFY_OFF, 2, 9);
    driver.writeCommon(FakeDriver.DEVICE_FEATURE, 4, 9);
    assertThat(driver.readCommon(FakeDriver.NUM_QUEUES, 2)).isEqualTo(1);
    assertThat(driver.readCommon(FakeDriver.CONFIG_GENERATION, 1)).isZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_NOTIFY_OFF, 2)).isZero();
    driver.writeCommon(FakeDriver.DEVICE_FEATURE_SELECT, 4, 1);
    assertThat(driver.readCommon(FakeDriver.DEVICE_FEATURE, 4)).isEqualTo(1 | 1 << 8);
  }
}

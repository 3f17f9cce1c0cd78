package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the parts of a split queue may lie (2.7): all in RAM, to their last byte, and aligned. */
class RingPlacementTest {
  private static final int SIZE = 16;
  private static final long END = BlkRig.MEMORY_BASE + BlkRig.MEMORY_BYTES;

  private final BlkRig rig = new BlkRig();

  /** Goes live with one part of queue 0 at an address; whether a reset is needed then. */
  private boolean isRefused(int field, long address) {
    FakeDriver driver = rig.driver;
    driver.negotiate(driver.offered());
    driver.setUpQueue(0, SIZE);
    driver.resetQueue(0);
    driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, SIZE);
    for (int each = FakeDriver.QUEUE_DESC_LOW; each < FakeDriver.QUEUE_USED_HIGH; each += 8) {
      long value = each == field ? address : BlkRig.MEMORY_BASE + 1024L * each;
      driver.writeCommon(each, 4, value);
      driver.writeCommon(each + 4, 4, value >>> 32);
    }
    driver.writeCommon(FakeDriver.QUEUE_ENABLE, 2, 1);
    driver.addStatus(FakeDriver.S_DRIVER_OK);
    return rig.needsReset();
  }

  @Must(4)
  @ParameterizedTest
  @CsvSource({
    // 16 descriptors of 16 bytes; 6 bytes and 16 entries of 2; 6 bytes and 16 entries of 8
    "32, 256, 240",
    "40, 38, 36",
    "48, 136, 132"
  })
  void m04_eachPartMustBeInRamToItsLastByte(int field, long fits, long tooShort) {
    assertThat(isRefused(field, END - fits)).isFalse();
    assertThat(isRefused(field, END - tooShort)).isTrue();
  }

  @Must(4)
  @ParameterizedTest
  @CsvSource({"32, 16", "40, 2", "48, 4"})
  void m04_eachPartHasItsAlignment(int field, int alignment) {
    long page = BlkRig.MEMORY_BASE + 4096;
    assertThat(isRefused(field, page + alignment)).isFalse();
    for (int shift = 1; shift < alignment; shift *= 2) {
      assertThat(isRefused(field, page + shift)).as("shifted by %d", shift).isTrue();
    }
  }
}

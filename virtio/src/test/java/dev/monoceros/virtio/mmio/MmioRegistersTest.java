package dev.monoceros.virtio.mmio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control registers of virtio 1.2, 4.2.2, by the offsets of linux/virtio_mmio.h. */
class MmioRegistersTest {
  private static final int DEVICE_FEATURES = 0x010;
  private static final int DEVICE_FEATURES_SEL = 0x014;
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SEL = 0x024;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM_MAX = 0x034;
  private static final int QUEUE_NUM = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int INTERRUPT_STATUS = 0x060;
  private static final int INTERRUPT_ACK = 0x064;
  private static final int STATUS = 0x070;
  private static final int CONFIG_GENERATION = 0x0fc;

  private final BlkRig rig = new BlkRig(Bus.MMIO);

  private long read(int register) {
    return rig.window.read(register, 4);
  }

  private void write(int register, long value) {
    rig.window.write(register, 4, value);
  }

  @Test
  void s4221_magicVersionAndDeviceIdSayAModernBlockDevice() {
    assertThat(read(0x000)).as("'virt'").isEqualTo(0x74726976);
    assertThat(read(0x004)).isEqualTo(2);
    assertThat(read(0x008)).isEqualTo(2);
    assertThat(read(0x00c)).isNotZero();
    assertThat(rig.window.windowSize()).isEqualTo(0x200);
  }

  @Test
  void s422_deviceFeaturesFollowTheirSelectorAndEndAfterTheirBits() {
    write(DEVICE_FEATURES_SEL, 1);
    assertThat(read(DEVICE_FEATURES)).as("VERSION_1, RING_RESET").isEqualTo(1 | 1 << 8);
    write(DEVICE_FEATURES_SEL, 0);
    assertThat(read(DEVICE_FEATURES)).isEqualTo(rig.block.offeredFeatures() & 0xFFFF_FFFFL);
    for (long select : new long[] {2, 3, 32, 0xFFFF_FFFFL}) {
      write(DEVICE_FEATURES_SEL, select);
      assertThat(read(DEVICE_FEATURES)).isZero();
    }
  }

  @Test
  void s222_anUnofferedFeatureOrAMissingVersion1LeavesFeaturesOkClear() {
    for (long[] windows : new long[][] {{0, 0}, {1 << 4, 1}, {0, 1 | 1 << 9}}) {
      write(STATUS, 0);
      write(STATUS, 3);
      for (int i = 0; i < 2; i++) {
        write(DRIVER_FEATURES_SEL, i);
        write(DRIVER_FEATURES, windows[i]);
      }
      write(STATUS, 11);
      assertThat(read(STATUS)).isEqualTo(3);
    }
    assertThat(rig.driver.negotiate(rig.driver.offered())).isTrue();
  }

  @Test
  void s422_queueNumMaxIsZeroForAQueueThatIsNotThereAndTheMaximumAlwaysElse() {
    assertThat(read(QUEUE_NUM_MAX)).isEqualTo(256);
    write(QUEUE_NUM, 8);
    assertThat(read(QUEUE_NUM_MAX)).isEqualTo(256);
    for (long absent : new long[] {1, 2, 65535, 0x1_0000, 0xFFFF_FFFFL}) {
      write(QUEUE_SEL, absent);
      write(QUEUE_NUM, 8);
      write(QUEUE_READY, 1);
      assertThat(read(QUEUE_NUM_MAX)).isZero();
      assertThat(read(QUEUE_READY)).isZero();
    }
  }

  @Test
  void s4221_aResetClearsInterruptStatusAndTheReadyBitsOfAllQueues() {
    rig.start(16);
    complete();
    assertThat(read(INTERRUPT_STATUS)).isEqualTo(1);
    assertThat(read(QUEUE_READY)).isEqualTo(1);
    write(STATUS, 0);
    assertThat(read(INTERRUPT_STATUS)).isZero();
    assertThat(read(QUEUE_READY)).isZero();
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Test
  void s4221_anEventIsPresentedUntilItsOwnBitIsAcknowledged() {
    rig.start(16);
    complete();
    rig.block.capacityChanged();
    assertThat(read(INTERRUPT_STATUS)).isEqualTo(3);
    assertThat(read(INTERRUPT_STATUS)).as("reading does not acknowledge").isEqualTo(3);
    write(INTERRUPT_ACK, 1);
    assertThat(read(INTERRUPT_STATUS)).isEqualTo(2);
    assertThat(rig.interrupt.isAsserted()).isTrue();
    write(INTERRUPT_ACK, 0xFFFF_FFFDL);
    assertThat(rig.interrupt.isAsserted()).isTrue();
    write(INTERRUPT_ACK, 2);
    assertThat(read(INTERRUPT_STATUS)).isZero();
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.interrupt.assertions()).as("the level stayed up").isEqualTo(1);
  }

  @Test
  void s4221_configGenerationChangesWithTheConfiguration() {
    long before = read(CONFIG_GENERATION);
    rig.backend.resize(BlkRig.SECTORS / 2);
    rig.block.capacityChanged();
    assertThat(read(CONFIG_GENERATION)).isNotEqualTo(before);
    assertThat(rig.window.read(0x100, 4)).isEqualTo(BlkRig.SECTORS / 2);
    assertThat(rig.window.read(0x104, 4)).isZero();
  }

  @Test
  void s4222_configurationIsReadableInAllItsWidths() {
    assertThat(rig.window.read(0x100, 8)).isEqualTo(BlkRig.SECTORS);
    assertThat(rig.window.read(0x100, 1)).isZero();
    assertThat(rig.window.read(0x101, 1)).isEqualTo(1);
    assertThat(rig.window.read(0x114, 4)).as("blk_size").isEqualTo(512);
    assertThat(rig.window.read(0x1ff, 1)).isZero();
    assertThat(rig.window.read(0x200, 4)).isZero();
  }

  @Test
  void s4221_withQueueReadyZeroTheQueueIsNotAccessedAndMayBeEnabledAgain() {
    rig.start(16);
    rig.ring.submit(rig.ring.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true)));
    write(QUEUE_READY, 0);
    assertThat(read(QUEUE_READY)).isZero();
    byte[] before = rig.memory.snapshot();
    rig.driver.kick(0);
    rig.clock.advance(1_000_000_000);
    assertThat(rig.memory.snapshot()).isEqualTo(before);
    assertThat(rig.interrupt.assertions()).isZero();
    rig.ring = rig.driver.setUpQueue(0, 8);
    rig.disk = new BlkDriver(rig.driver, rig.ring, rig.clock, 4096);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  @Test
  void s422_aReadyQueueKeepsItsSizeAndAddresses() {
    rig.start(16);
    write(QUEUE_NUM, 4);
    for (int register = 0x080; register <= 0x0a4; register += 4) {
      write(register, 0);
    }
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  @Test
  void s422_aSharedMemoryRegionThatIsNotThereHasTheLengthMinusOne() {
    write(0x0ac, 1);
    assertThat(read(0x0b0)).isEqualTo(0xFFFF_FFFFL);
    assertThat(read(0x0b4)).isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void s422_writeOnlyRegistersReadZeroAndReadOnlyOnesStay() {
    for (int register : new int[] {0x014, 0x020, 0x024, 0x030, 0x038, 0x050, 0x064, 0x080, 0x0ac}) {
      write(register, 1);
      assertThat(read(register)).as("%x", register).isZero();
    }
    for (int register : new int[] {0x000, 0x004, 0x008, 0x00c, 0x034, 0x060, 0x0fc}) {
      long before = read(register);
      write(register, ~before);
      assertThat(read(register)).as("%x", register).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void s4222_controlRegistersKnow32BitAccessesOnly(int size) {
    assertThat(rig.window.read(0, size)).isZero();
    rig.window.write(STATUS, size, 1);
    assertThat(read(STATUS)).isZero();
    rig.window.write(STATUS + 2, 4, 1);
    assertThat(read(STATUS)).isZero();
    assertThat(rig.window.read(2, 4)).isZero();
  }

  @Test
  void s422_aNotificationOfAQueueThatIsNotReadyIsCountedAndIgnored() {
    rig.start(16);
    for (long queue : new long[] {1, 0xFFFF_FFFFL}) {
      write(0x050, queue);
    }
    assertThat(rig.window.ignoredNotifications()).isEqualTo(2);
    assertThat(rig.driver.status() & FakeDriver.S_NEEDS_RESET).isZero();
  }

  private void complete() {
    rig.ring.setUsedEvent(rig.ring.usedIndex());
    rig.ring.submit(rig.ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
    rig.disk.await();
    rig.ring.takeUsed();
  }
}

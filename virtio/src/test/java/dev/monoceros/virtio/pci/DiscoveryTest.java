package dev.monoceros.virtio.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Identity, capability list and BAR layout (4.1.2 to 4.1.4). */
class DiscoveryTest {
  private final BlkRig rig = new BlkRig();
  private final List<PciCapability> capabilities = rig.transport.capabilities();

  private PciCapability capability(int type) {
    return capabilities.stream().filter(c -> c.read(3, 1) == type).findFirst().orElseThrow();
  }

  @Must({30, 31})
  @Test
  void m30_theFunctionIsAModernVirtioBlockDevice() {
    PciIdentity identity = rig.transport.identity();
    assertThat(identity.vendorId()).isEqualTo(0x1AF4);
    assertThat(identity.deviceId()).isEqualTo(0x1042);
    assertThat(identity.revision()).isGreaterThanOrEqualTo(1);
    assertThat(identity.subsystemVendorId()).isEqualTo(0x1AF4);
    assertThat(identity.subsystemId()).isGreaterThanOrEqualTo(0x40);
    assertThat(identity.classCode() >> 16).as("mass storage").isEqualTo(1);
    assertThat(identity.interruptPin()).isEqualTo(1);
  }

  @Must({33, 34})
  @Test
  void m34_allStructuresAreInTheListWithTheirLengths() {
    TreeSet<Long> types = new TreeSet<>();
    for (PciCapability capability : capabilities) {
      assertThat(capability.id()).isEqualTo(9);
      assertThat(capability.read(2, 1)).as("cap_len").isEqualTo(capability.length());
      assertThat(capability.length() % 4).isZero();
      types.add(capability.read(3, 1));
    }
    assertThat(types).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(capability(2).length()).as("cap_len covers the multiplier").isEqualTo(20);
    assertThat(capability(5).length()).as("cap_len covers pci_cfg_data").isEqualTo(20);
    assertThat(capability(1).read(12, 4)).isGreaterThanOrEqualTo(56);
    assertThat(capability(3).read(12, 4)).isGreaterThanOrEqualTo(1);
    assertThat(capability(4).read(12, 4)).isGreaterThanOrEqualTo(24);
  }

  @Must(35)
  @Test
  void m35_structuresAreAlignedInsideTheBarAndApart() {
    assertThat(Integer.bitCount(rig.transport.barSize())).isEqualTo(1);
    long end = 0;
    for (PciCapability each :
        capabilities.stream()
            .filter(c -> c.read(3, 1) != 5)
            .sorted((a, b) -> Long.compare(a.read(8, 4), b.read(8, 4)))
            .toList()) {
      assertThat(each.read(4, 1)).isEqualTo(rig.transport.barIndex());
      assertThat(each.read(8, 4) % 4).isZero();
      assertThat(each.read(8, 4)).isGreaterThanOrEqualTo(end);
      end = each.read(8, 4) + each.read(12, 4);
    }
    assertThat(end).isLessThanOrEqualTo(rig.transport.barSize());
  }

  @Must({41, 42})
  @Test
  void m42_everyQueuesNotifyAddressLiesInTheNotifyStructure() {
    PciCapability notify = capability(2);
    long multiplier = notify.read(16, 4);
    assertThat(multiplier).isEqualTo(4);
    assertThat(notify.read(8, 4) % 2).isZero();
    for (int queue = 0; queue < rig.driver.readCommon(FakeDriver.NUM_QUEUES, 2); queue++) {
      rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, queue);
      long offset = rig.driver.readCommon(FakeDriver.QUEUE_NOTIFY_OFF, 2);
      assertThat(notify.read(12, 4)).isGreaterThanOrEqualTo(offset * multiplier + 2);
    }
  }

  @Test
  void capabilitiesAreReadOnlyAndSilentOutsideTheirBytes() {
    PciCapability common = capability(1);
    for (int at = 0; at < 16; at += 4) {
      long before = common.read(at, 4);
      common.write(at, 4, ~before);
      assertThat(common.read(at, 4)).isEqualTo(before);
    }
    assertThat(common.read(0, 2)).as("ID and next pointer are the machine's").isZero();
    assertThat(common.read(16, 4)).isZero();
  }

  @Must(50)
  @Test
  void m50_thePciCfgWindowReadsAndWritesTheBarAtItsLength() {
    PciCapability window = capability(5);
    long common = capability(1).read(8, 4);
    for (int length : new int[] {1, 2, 4}) {
      aim(window, common + FakeDriver.DRIVER_FEATURE_SELECT, 4);
      window.write(16, 4, 0x0102_0304);
      aim(window, common + FakeDriver.DRIVER_FEATURE_SELECT, length);
      window.write(16, 4, 0);
      long written = rig.driver.readCommon(FakeDriver.DRIVER_FEATURE_SELECT, 4);
      assertThat(written).as("a field is not torn").isEqualTo(length == 4 ? 0 : 0x0102_0304);
      aim(window, capability(4).read(8, 4), length);
      assertThat(window.read(16, length)).isEqualTo(BlkRig.SECTORS % (1L << (8 * length)));
    }
    aim(window, common + FakeDriver.STATUS, 1);
    window.write(16, 1, FakeDriver.S_ACKNOWLEDGE);
    assertThat(rig.driver.status()).isEqualTo(FakeDriver.S_ACKNOWLEDGE);
    assertThat(window.read(16, 1)).isEqualTo(FakeDriver.S_ACKNOWLEDGE);
  }

  @Must(50)
  @Test
  void m50_aReadThroughTheWindowHasTheSideEffectsOfTheBarAndOthersHaveNone() {
    rig.start(16);
    rig.block.capacityChanged();
    PciCapability window = capability(5);
    aim(window, capability(3).read(8, 4), 1);
    assertThat(rig.interrupt.isAsserted()).isTrue();
    window.read(0, 4);
    window.read(12, 4);
    assertThat(rig.interrupt.isAsserted()).isTrue();
    assertThat(window.read(16, 1)).isEqualTo(2);
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Must(50)
  @Test
  void m50_aWindowThatIsAimedWrongDoesNothing() {
    PciCapability window = capability(5);
    long status = capability(1).read(8, 4) + FakeDriver.STATUS;
    window.write(4, 1, 1);
    aimOffset(window, status, 1);
    window.write(16, 1, 1);
    window.write(4, 1, rig.transport.barIndex());
    for (long length : new long[] {0, 3, 5, 8, 0xFFFF_FFFFL}) {
      aimOffset(window, status, length);
      window.write(16, 4, 1);
      window.read(16, 4);
    }
    aimOffset(window, 0xFFFF_FFFCL, 4);
    window.write(16, 4, 1);
    aimOffset(window, rig.transport.barSize() - 2, 4);
    window.read(16, 4);
    assertThat(rig.driver.status()).isZero();

    rig.transport.reset();
    assertThat(window.read(8, 4)).isZero();
    assertThat(window.read(12, 4)).isZero();
    assertThat(window.read(2, 2)).isEqualTo(20 | 5 << 8);
  }

  private void aim(PciCapability window, long offset, int length) {
    window.write(4, 1, rig.transport.barIndex());
    aimOffset(window, offset, length);
  }

  private static void aimOffset(PciCapability window, long offset, long length) {
    window.write(8, 4, offset);
    window.write(12, 4, length);
  }
}

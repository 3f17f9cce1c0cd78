package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Header and capability list as a driver walks them (PCI 3.0, 6.1 and 6.7; virtio 4.1.4). */
class CapabilityListTest {
  private static final int CONFIG_BYTES = 256;
  private static final int VENDOR_SPECIFIC = 9;
  private static final int COMMON = 1;
  private static final int NOTIFY = 2;
  private static final int ISR = 3;
  private static final int DEVICE = 4;
  private static final int PCI_CFG = 5;

  private final PciRig rig = PciRig.started();

  private int length(int at) {
    return switch ((int) rig.config(at, 1)) {
      case VENDOR_SPECIFIC -> (int) rig.config(at + 2, 1);
      case PciRig.MSIX -> 12;
      default -> throw new AssertionError("an unknown capability");
    };
  }

  @Must({30, 31, 32})
  @ParameterizedTest
  @EnumSource
  void m30_theHeaderIsThatOfAModernBlockDevice(ConfigAccess access) {
    rig.access = access;
    assertThat(rig.config(0, 4)).isEqualTo(0x1042_1af4L);
    assertThat(rig.config(8, 1)).as("revision").isGreaterThanOrEqualTo(1);
    assertThat(rig.config(0xb, 1)).as("mass storage").isEqualTo(1);
    assertThat(rig.config(0xe, 1)).as("type 0, one function").isZero();
    assertThat(rig.config(0x2e, 2)).as("subsystem").isGreaterThanOrEqualTo(0x40);
  }

  @Must({32, 33})
  @ParameterizedTest
  @EnumSource
  void m32_theListIsAnnouncedAlignedWithoutOverlapAndEnds(ConfigAccess access) {
    rig.access = access;
    assertThat(rig.config(PciRig.STATUS, 2) & 0x10).as("capabilities bit").isEqualTo(0x10);
    BitSet taken = new BitSet();
    for (int at : rig.capabilityOffsets()) {
      assertThat(at % 4).as("a doubleword").isZero();
      assertThat(at).isGreaterThanOrEqualTo(0x40);
      assertThat(at + length(at)).isLessThanOrEqualTo(CONFIG_BYTES);
      assertThat(taken.get(at, at + length(at)).isEmpty()).isTrue();
      taken.set(at, at + length(at));
    }
  }

  @Must({32, 34})
  @ParameterizedTest
  @EnumSource
  void m34_allStructuresAreThereOnceAndReadOnlyButForTheWindow(ConfigAccess access) {
    rig.access = access;
    List<Long> types = new ArrayList<>();
    for (PciCapability capability : rig.registers().capabilities()) {
      long type = capability.read(3, 1);
      types.add(type);
      if (type != PCI_CFG) {
        assertReadOnly(capability);
      }
    }
    assertThat(types).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L);
  }

  private static void assertReadOnly(PciCapability capability) {
    for (int at = 0; at < capability.length(); at += 4) {
      long before = capability.read(at, 4);
      capability.write(at, 4, ~before);
      assertThat(capability.read(at, 4)).isEqualTo(before);
    }
  }

  @Must({33, 34, 35})
  @ParameterizedTest
  @EnumSource
  void m35_structuresLieInsideTheirBarAlignedAndAreLargeEnough(ConfigAccess access) {
    rig.access = access;
    rig.setConfig(PciRig.BAR0, 4, 0xffff_ffffL);
    long size = (~rig.config(PciRig.BAR0, 4) | 0xf) + 1 & 0xffff_ffffL;
    for (int type : new int[] {COMMON, NOTIFY, ISR, DEVICE}) {
      PciCapability structure = rig.structure(type);
      assertThat(structure.read(4, 1)).as("bar").isEqualTo(PciRig.VIRTIO_BAR);
      assertThat(structure.read(8, 4) + structure.read(12, 4)).isLessThanOrEqualTo(size);
      assertThat(structure.read(8, 4) % 4).isZero();
    }
    assertThat(rig.structure(COMMON).read(12, 4)).isGreaterThanOrEqualTo(56);
    assertThat(rig.structure(DEVICE).read(12, 4)).isGreaterThanOrEqualTo(60);
    assertThat(rig.structure(NOTIFY).read(2, 1)).as("cap_len").isGreaterThanOrEqualTo(20);
    assertThat(rig.structure(PCI_CFG).read(2, 1)).as("cap_len").isGreaterThanOrEqualTo(20);
  }

  @Must({41, 42})
  @ParameterizedTest
  @EnumSource
  void m42_everyQueueHasItsNotifyRegister(ConfigAccess access) {
    rig.access = access;
    PciCapability notify = rig.structure(NOTIFY);
    long multiplier = notify.read(16, 4);
    assertThat(multiplier % 2).isZero();
    assertThat(Long.bitCount(multiplier)).isLessThanOrEqualTo(1);
    assertThat(notify.read(8, 4) % 4).isZero();
    long queues = rig.driver.readCommon(FakeDriver.NUM_QUEUES, 2);
    for (long queue = 0; queue < queues; queue++) {
      rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, queue);
      long off = rig.driver.readCommon(FakeDriver.QUEUE_NOTIFY_OFF, 2);
      assertThat(notify.read(12, 4)).isGreaterThanOrEqualTo(off * multiplier + 4);
    }
  }
}

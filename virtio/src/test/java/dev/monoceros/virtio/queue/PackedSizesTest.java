package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;

/** 2.8.10.1: a packed ring has any size up to its maximum, not only powers of two. */
class PackedSizesTest {
  private final BlkRig rig = new BlkRig(Wiring.PCI_PACKED, BlkOptions.DEFAULT.withQueueSize(1024));

  @Must(29)
  @Test
  void everySizeFrom1To1024IsTakenAndWorksBeyondItsWrap() {
    assertThat(rig.driver.negotiate(rig.driver.offered())).isTrue();
    rig.driver.addStatus(FakeDriver.S_DRIVER_OK);
    long area = rig.driver.allocate(1024 * 16 + 8, 16);
    long header = rig.driver.allocate(16, 16);
    for (int size = 1; size <= 1024; size++) {
      rig.memory.region(area).asSlice(rig.memory.regionOffset(area), 16 * 1024 + 8).fill((byte) 0);
      rig.memory.putU32(header, BlkDriver.T_FLUSH);
      rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
      rig.driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, size);
      assertThat(rig.driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(size);
      rig.driver.writeCommon(FakeDriver.QUEUE_DESC_LOW, 8, area);
      rig.driver.writeCommon(FakeDriver.QUEUE_AVAIL_LOW, 8, area + 16 * 1024);
      rig.driver.writeCommon(FakeDriver.QUEUE_USED_LOW, 8, area + 16 * 1024 + 4);
      rig.driver.writeCommon(FakeDriver.QUEUE_ENABLE, 2, 1);
      long before = rig.block.counts().requests();
      for (int i = 0; i < 2 * size + 1; i++) {
        boolean wrap = i / size % 2 == 0;
        long at = area + 16L * (i % size);
        rig.memory.putU64(at, header);
        rig.memory.putU32(at + 8, 16);
        rig.memory.putU16(at + 12, i);
        rig.memory.putU16(at + 14, wrap ? 1 << 7 : 1 << 15);
        rig.driver.kick(0);
        rig.clock.runNext();
        int flags = rig.memory.u16(at + 14);
        if (flags != (wrap ? 1 << 7 | 1 << 15 : 0) || rig.memory.u16(at + 12) != i) {
          assertThat(flags).as("size %d, descriptor %d", size, i).isEqualTo(-1);
        }
      }
      assertThat(rig.block.counts().requests() - before).isEqualTo(2L * size + 1);
      rig.driver.resetQueue(0);
    }
    assertThat(rig.needsReset()).isFalse();
  }

  @Must(38)
  @Test
  void sizesOf0AndBeyondTheMaximumAreNotTaken() {
    rig.driver.negotiate(rig.driver.offered());
    rig.driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    rig.driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, 77);
    for (int size : new int[] {0, 1025, 2048, 32_768, 65_535}) {
      rig.driver.writeCommon(FakeDriver.QUEUE_SIZE, 2, size);
      assertThat(rig.driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(77);
    }
  }
}

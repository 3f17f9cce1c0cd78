package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Indirect tables as only split rings have them, and who writes the tables (2.7.4.1, 2.7.5.3). */
@ParameterizedClass
@EnumSource(Bus.class)
class SplitIndirectTest {
  private static final int DATA = 1024;

  private final BlkRig rig;
  private long area;

  SplitIndirectTest(Bus bus) {
    this.rig = BlkRig.started(bus);
  }

  @BeforeEach
  void prepare() {
    area = rig.driver.allocate(8192, 4096);
    rig.disk.putHeader(area, BlkDriver.T_IN, 9);
    rig.memory.putU8(area + 256, BlkDriver.NO_STATUS);
  }

  private void run(int head) {
    rig.ring.submit(head);
    rig.disk.await();
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
  }

  @Must(18)
  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3"})
  void m18_normalDescriptorsMayBeFollowedByOneIndirectTable(int direct) {
    List<DriverBuffer> chain =
        List.of(
            DriverBuffer.readable(area, 10),
            DriverBuffer.readable(area + 10, 6),
            DriverBuffer.writable(area + 4096, DATA),
            DriverBuffer.writable(area + 256, 1));
    run(rig.ring.indirectChain(chain.subList(0, direct), chain.subList(direct, chain.size())));
    assertThat(rig.memory.u8(area + 256)).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.ring.usedLength()).isEqualTo(DATA + 1);
  }

  @Must(17)
  @Test
  void m17_theWriteFlagOfADescriptorThatPointsToAnIndirectTableIsIgnored() {
    long table =
        rig.ring.indirectTable(
            List.of(
                DriverBuffer.readable(area, 16),
                DriverBuffer.writable(area + 4096, DATA),
                DriverBuffer.writable(area + 256, 1)));
    rig.ring.describe(0, table, 3 * 16, DriverRing.F_INDIRECT | DriverRing.F_WRITE, 0);
    run(0);
    assertThat(rig.memory.u8(area + 256)).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.ring.usedLength()).isEqualTo(DATA + 1);
  }

  @Must(16)
  @Test
  void m16_theDeviceNeverWritesADescriptorTable() {
    int head =
        rig.ring.indirectChain(
            List.of(DriverBuffer.readable(area, 16)),
            List.of(
                DriverBuffer.writable(area + 4096, DATA), DriverBuffer.writable(area + 256, 1)));
    rig.memory.clearReported();
    long table = rig.memory.u64(rig.ring.descriptorTable() + 16L * lastOf(head));
    run(head);
    for (long at = 0; at < 16L * rig.ring.size(); at++) {
      assertThat(rig.memory.isReported(rig.ring.descriptorTable() + at)).isFalse();
    }
    for (long at = 0; at < 32; at++) {
      assertThat(rig.memory.isReported(table + at)).isFalse();
    }
  }

  private int lastOf(int head) {
    int slot = head;
    long base = rig.ring.descriptorTable();
    while ((rig.memory.u16(base + 16L * slot + 12) & DriverRing.F_NEXT) != 0) {
      slot = rig.memory.u16(base + 16L * slot + 14);
    }
    return slot;
  }
}

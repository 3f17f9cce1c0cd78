package dev.monoceros.virtio.mmio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Register accesses in any order: what must hold after every single one. */
class MmioPropertiesTest {
  /** One access to the window. */
  record Access(boolean write, long offset, int size, long value) {}

  @Provide
  static Arbitrary<Access> accesses() {
    Arbitrary<Long> offsets =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 0x40).map(word -> 4 * word),
            Arbitraries.of(0x30L, 0x38L, 0x44L, 0x50L, 0x64L, 0x70L, 0xc0L),
            Arbitraries.longs().between(-8, 0x208));
    Arbitrary<Long> values =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 15),
            Arbitraries.of(0x2000_0200L, 0x10_0000L, 0x14_0000L, 0x18_0000L, 0x101L, -1L),
            Arbitraries.longs());
    return Combinators.combine(
            Arbitraries.of(true, true, false), offsets, Arbitraries.of(1, 2, 4, 4, 4, 4, 8), values)
        .as(Access::new);
  }

  @Property(tries = 1500)
  void noSequenceOfAccessesThrowsHangsOrReachesAStateThatMustNotBe(
      @ForAll @Size(min = 1, max = 60) List<@From("accesses") Access> accesses,
      @ForAll boolean live) {
    BlkRig rig = BlkRig.started(Bus.MMIO);
    int flush = rig.ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    if (!live) {
      rig.driver.reset();
    }
    for (Access access : accesses) {
      long requests = rig.block.counts().requests();
      boolean running = (rig.driver.status() & FakeDriver.S_DRIVER_OK) != 0;
      if (access.value() % 2 == 0) {
        rig.ring.submit(flush);
      }
      if (!running) {
        assertThat(rig.block.counts().requests()).as("2.1.2").isEqualTo(requests);
      }
      if (access.write()) {
        rig.window.write(access.offset(), access.size(), access.value());
      } else {
        rig.window.read(access.offset(), access.size());
      }
      rig.clock.runAll(600);
      int status = rig.driver.status();
      if ((status & FakeDriver.S_DRIVER_OK) != 0) {
        assertThat(status & FakeDriver.S_FEATURES_OK).isNotZero();
      }
      assertThat(rig.interrupt.isAsserted()).isEqualTo(rig.window.read(0x60, 4) != 0);
    }
    rig.start(16);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }
}

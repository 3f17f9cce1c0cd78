package dev.monoceros.virtio.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;

/** Register accesses in any order: what must hold after every single one. */
class RegisterPropertiesTest {
  private static final int ALL_STATUS =
      FakeDriver.S_ACKNOWLEDGE
          | FakeDriver.S_DRIVER
          | FakeDriver.S_DRIVER_OK
          | FakeDriver.S_FEATURES_OK
          | FakeDriver.S_NEEDS_RESET
          | 128;

  /** One access to the BAR, or through the configuration window. */
  record Access(boolean write, boolean window, long offset, int size, long value) {}

  @Provide
  static Arbitrary<Access> accesses() {
    Arbitrary<Long> offsets =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 70),
            Arbitraries.longs().between(16, 32),
            Arbitraries.longs().between(0x1000, 0x1004),
            Arbitraries.longs().between(0x2000, 0x2060),
            Arbitraries.longs().between(0x3000, 0x3010),
            Arbitraries.longs().between(-8, 0x4008));
    Arbitrary<Long> values =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 15),
            Arbitraries.of(0x2000_0200L, 0x10_0000L, 0x14_0000L, 0x18_0000L, 0xFFFFL, -1L),
            Arbitraries.longs());
    return Combinators.combine(
            Arbitraries.of(true, true, false),
            Arbitraries.frequency(Tuple.of(6, false), Tuple.of(1, true)),
            offsets,
            Arbitraries.of(1, 2, 2, 4, 4, 8),
            values)
        .as(Access::new);
  }

  @Must({2, 23})
  @Property(tries = 1500)
  void noSequenceOfAccessesThrowsHangsOrReachesAStateThatMustNotBe(
      @ForAll @Size(min = 1, max = 60) List<@From("accesses") Access> accesses,
      @ForAll boolean live) {
    BlkRig rig = BlkRig.withMsix(2).start(16);
    int flush = rig.ring.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false));
    if (!live) {
      rig.driver.reset();
    }
    PciCapability window = rig.transport.capabilities().getLast();
    for (Access access : accesses) {
      long requests = rig.block.counts().requests();
      boolean running = (rig.driver.status() & FakeDriver.S_DRIVER_OK) != 0;
      if (access.value() % 2 == 0) {
        rig.ring.submit(flush);
      }
      if (!running) {
        assertThat(rig.block.counts().requests()).as("(2)").isEqualTo(requests);
      }
      perform(rig, window, access);
      rig.clock.runAll(600);
      int status = rig.driver.status();
      assertThat(status & ~ALL_STATUS).isZero();
      if ((status & FakeDriver.S_DRIVER_OK) != 0) {
        assertThat(status & FakeDriver.S_FEATURES_OK).isNotZero();
      }
      assertThat(rig.interrupt.isAsserted()).isEqualTo(rig.transport.interruptPending());
      assertThat(rig.driver.readCommon(FakeDriver.NUM_QUEUES, 2)).isEqualTo(1);
    }
    rig.start(16);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  private static void perform(BlkRig rig, PciCapability window, Access access) {
    if (access.window()) {
      int offset = (int) Math.floorMod(access.offset(), 20L);
      int size = Math.min(access.size(), 4);
      if (access.write()) {
        window.write(offset, size, access.value());
      } else {
        window.read(offset, size);
      }
    } else if (access.write()) {
      rig.transport.write(access.offset(), access.size(), access.value());
    } else {
      rig.transport.read(access.offset(), access.size());
    }
  }
}

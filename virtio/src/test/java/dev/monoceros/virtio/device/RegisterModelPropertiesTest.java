package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Any sequence of register writes on both transports against a model of all registers. */
class RegisterModelPropertiesTest {
  private static final int QUEUES = 3;
  private static final int MAX_SIZE = 64;
  private static final int STATUS_WIDTH = 1;

  /** A field of the common configuration as a driver accesses it. */
  record Field(int number, int width) {}

  private static final List<Field> FIELDS =
      List.of(
          new Field(FakeDriver.DEVICE_FEATURE_SELECT, 4),
          new Field(FakeDriver.DRIVER_FEATURE_SELECT, 4),
          new Field(FakeDriver.DRIVER_FEATURE, 4),
          new Field(FakeDriver.DEVICE_FEATURE, 4),
          new Field(FakeDriver.STATUS, STATUS_WIDTH),
          new Field(FakeDriver.QUEUE_SELECT, 2),
          new Field(FakeDriver.QUEUE_SIZE, 2),
          new Field(FakeDriver.QUEUE_ENABLE, 2),
          new Field(FakeDriver.QUEUE_RESET, 2),
          new Field(FakeDriver.QUEUE_DESC_LOW, 4),
          new Field(FakeDriver.QUEUE_DESC_HIGH, 4),
          new Field(FakeDriver.QUEUE_AVAIL_LOW, 4),
          new Field(FakeDriver.QUEUE_AVAIL_HIGH, 4),
          new Field(FakeDriver.QUEUE_USED_LOW, 4),
          new Field(FakeDriver.QUEUE_USED_HIGH, 4));

  /** One write; a queue is kicked too if {@code kick} says so. */
  record Write(Field field, long value, boolean kick) {}

  @Provide
  static Arbitrary<Write> writes() {
    Arbitrary<Field> all = Arbitraries.of(FIELDS);
    Arbitrary<Field> likely =
        Arbitraries.of(FIELDS.get(2), FIELDS.get(4), FIELDS.get(4), FIELDS.get(7), FIELDS.get(1));
    Arbitrary<Long> small = Arbitraries.longs().between(0, 4);
    Arbitrary<Long> telling =
        Arbitraries.of(
            0L,
            1L,
            3L,
            7L,
            8L,
            11L,
            15L,
            0x20L,
            33L,
            64L,
            65L,
            0x101L,
            0x1_0001L,
            0x1FFL,
            0xFFFFL,
            0x1000_0000L,
            -1L);
    return Combinators.combine(
            Arbitraries.oneOf(all, likely),
            Arbitraries.oneOf(small, telling, telling),
            Arbitraries.of(true, false, false, false))
        .as(Write::new);
  }

  @Must({1, 2, 4, 6, 27, 28, 36, 37, 38, 40})
  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void everyRegisterReadsWhatTheModelSaysAfterEveryWrite(
      @ForAll @Size(min = 1, max = 50) List<@From("writes") Write> writes,
      @ForAll Wiring wiring,
      @ForAll @IntRange(max = 2) int progress) {
    BlkRig rig = new BlkRig(wiring, BlkOptions.DEFAULT.withQueues(QUEUES).withQueueSize(MAX_SIZE));
    boolean mmio = rig.transport == null;
    RegisterModel model = new RegisterModel(mmio, rig.driver.offered(), QUEUES, MAX_SIZE);
    // Reading what is offered moved the selector.
    model.write(FakeDriver.DEVICE_FEATURE_SELECT, 1);
    if (progress > 0) {
      negotiate(rig, model, rig.driver.offered(), progress == 1 ? 3 : 11);
    }
    for (Write write : writes) {
      write(rig, model, write.field(), write.value());
      if (write.kick()) {
        rig.driver.kick((int) write.value() & 3);
      }
      rig.clock.runAll(10);
      for (Field field : FIELDS) {
        boolean absent = mmio && isSelector(field.number());
        if (!absent) {
          assertThat(rig.driver.readCommon(field.number(), field.width()))
              .as("field %d after %s", field.number(), write)
              .isEqualTo(model.read(field.number()));
        }
      }
    }
    assertThat(rig.block.counts().requests()).as("no ring is ever in RAM").isZero();
    rig.start(rig.driver.offered(), 16);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  /** Write-only on MMIO. */
  private static boolean isSelector(int field) {
    return field == FakeDriver.DEVICE_FEATURE_SELECT || field == FakeDriver.DRIVER_FEATURE_SELECT;
  }

  private static void write(BlkRig rig, RegisterModel model, Field field, long value) {
    rig.driver.writeCommon(field.number(), field.width(), value);
    model.write(field.number(), value);
  }

  private static void negotiate(BlkRig rig, RegisterModel model, long features, int status) {
    write(rig, model, new Field(FakeDriver.DEVICE_FEATURE_SELECT, 4), 1);
    for (int half = 0; half < 2; half++) {
      write(rig, model, new Field(FakeDriver.DRIVER_FEATURE_SELECT, 4), half);
      write(rig, model, new Field(FakeDriver.DRIVER_FEATURE, 4), features >>> (32 * half));
    }
    write(rig, model, new Field(FakeDriver.STATUS, STATUS_WIDTH), status);
  }
}

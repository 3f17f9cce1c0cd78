package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The reset of one queue while the device goes on (2.6.1). */
@ParameterizedClass
@EnumSource(Wiring.class)
class QueueResetTest {
  private final BlkRig rig;
  private final FakeDriver driver;

  QueueResetTest(Wiring wiring) {
    this.rig = BlkRig.started(wiring);
    this.driver = rig.driver;
  }

  @Must(27)
  @Test
  void m27_afterItsResetNothingOfTheQueueIsWrittenOrSignalled() {
    for (int i = 0; i < 4; i++) {
      rig.queue.offer(rig.queue.chain(rig.disk.request(BlkDriver.T_IN, i, 512, true)));
    }
    driver.kick(0);
    rig.clock.advance(5_000);
    driver.resetQueue(0);
    byte[] atReset = rig.memory.snapshot();
    driver.kick(0);
    rig.clock.advance(1_000_000_000);
    assertThat(rig.memory.snapshot()).isEqualTo(atReset);
    assertThat(rig.interrupt.assertions()).isZero();
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.clock.isArmed()).isFalse();
    assertThat(driver.status() & FakeDriver.S_DRIVER_OK).as("the device lives on").isNotZero();
  }

  @Must(27)
  @Test
  void m27_theQueuesStateReturnsToItsDefaults() {
    driver.resetQueue(0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_SIZE, 2)).isEqualTo(256);
    for (int field = FakeDriver.QUEUE_DESC_LOW; field <= FakeDriver.QUEUE_USED_HIGH; field += 4) {
      assertThat(driver.readCommon(field, 4)).isZero();
    }
  }

  @Must(28)
  @Test
  void m28_queueResetReads0AtFirstAndAfterEnableAndQueueEnable0AfterIt() {
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_RESET, 2)).isZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isEqualTo(1);
    driver.writeCommon(FakeDriver.QUEUE_RESET, 2, 0);
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).as("0 does nothing").isEqualTo(1);
    driver.writeCommon(FakeDriver.QUEUE_RESET, 2, 1);
    assertThat(driver.readCommon(FakeDriver.QUEUE_RESET, 2)).isZero();
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isZero();
    rig.use(driver.setUp(0, 16));
    assertThat(driver.readCommon(FakeDriver.QUEUE_RESET, 2)).isZero();
  }

  @Must(29)
  @Test
  void m29_theQueueComesBackWithAnotherSize() {
    rig.disk.write(3, BlkRig.pattern(512, 9));
    int[] sizes = rig.packed == null ? new int[] {8, 64, 4, 256} : new int[] {7, 64, 3, 255, 256};
    for (int size : sizes) {
      driver.resetQueue(0);
      rig.use(driver.setUp(0, size));
      driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
      assertThat(driver.readCommon(FakeDriver.QUEUE_RESET, 2)).as("(28)").isZero();
      assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isEqualTo(1);
      for (int i = 0; i < 3 * size; i++) {
        assertThat(rig.disk.read(3, 1)).isEqualTo(BlkRig.pattern(512, 9));
      }
    }
  }

  @Must(7)
  @Test
  void withoutTheFeatureAWriteToQueueResetDoesNothing() {
    rig.start(driver.offered() & ~BlkRig.RING_RESET, 16);
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
    driver.writeCommon(FakeDriver.QUEUE_RESET, 2, 1);
    assertThat(driver.readCommon(FakeDriver.QUEUE_ENABLE, 2)).isEqualTo(1);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }

  @Test
  void aResetOfAQueueThatIsNotThereIsIgnored() {
    driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 7);
    driver.writeCommon(FakeDriver.QUEUE_RESET, 2, 1);
    assertThat(rig.disk.read(0, 1)).hasSize(512);
  }
}

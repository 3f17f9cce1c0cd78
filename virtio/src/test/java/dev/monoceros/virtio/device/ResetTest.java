package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A reset in the middle of I/O (2.4). */
@ParameterizedClass
@EnumSource(Wiring.class)
class ResetTest {
  private final Wiring wiring;

  ResetTest(Wiring wiring) {
    this.wiring = wiring;
  }

  @Must(3)
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 9_000, 10_127, 10_128, 11_000, 60_000})
  void m03_afterAResetNothingOfAnOldRequestIsWrittenOrSignalled(long nanosBefore) {
    BlkRig rig = BlkRig.started(wiring);
    DriverQueue ring = rig.queue;
    for (int i = 0; i < 5; i++) {
      ring.offer(ring.chain(rig.disk.request(BlkDriver.T_IN, i, 512L << i, true)));
    }
    rig.driver.kick(0);
    assertThat(rig.block.requestsInFlight()).isEqualTo(5);
    rig.clock.advance(nanosBefore);
    rig.driver.reset();
    assertThat(rig.interrupt.isAsserted()).isFalse();

    byte[] atReset = rig.memory.snapshot();
    long assertions = rig.interrupt.assertions();
    rig.driver.kick(0);
    rig.clock.advance(1_000_000_000);
    assertThat(rig.clock.isArmed()).isFalse();
    assertThat(rig.memory.snapshot()).isEqualTo(atReset);
    assertThat(rig.interrupt.assertions()).isEqualTo(assertions);
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.driver.readIsr()).isZero();
  }

  @Must(3)
  @Test
  void m03_aRequestOfTheNextLifeIsNotCompletedAtTheTimeOfAnOldOne() {
    BlkRig rig = BlkRig.started(wiring);
    rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true)));
    rig.clock.advance(9_000);
    DriverQueue oldRing = rig.queue;
    BlkDriver oldDisk = rig.disk;
    rig.start(16);
    rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true)));
    rig.clock.advance(5_000);
    assertThat(rig.queue.hasUsed()).isFalse();
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.NO_STATUS);
    rig.clock.advance(5_128);
    assertThat(rig.queue.hasUsed()).isTrue();
    assertThat(oldRing.hasUsed()).isFalse();
    assertThat(oldDisk.status()).isEqualTo(BlkDriver.NO_STATUS);
  }

  @Must(3)
  @Test
  void m03_resetsWithoutEndLeaveNothingBehind() {
    BlkRig rig = new BlkRig(wiring);
    for (int i = 0; i < 20; i++) {
      rig.start(16);
      rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
      assertThat(rig.clock.isArmed()).isTrue();
      rig.driver.reset();
      assertThat(rig.clock.isArmed()).isFalse();
    }
    assertThat(rig.block.counts().flushes()).isEqualTo(20);
  }

  @Must(3)
  @Test
  void m03_aResetOfTheMachineIsAResetOfTheDevice() {
    BlkRig rig = BlkRig.started(wiring);
    rig.queue.submit(rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 0, 512, true)));
    rig.resetMachine();
    assertThat(rig.driver.status()).isZero();
    assertThat(rig.clock.isArmed()).isFalse();
  }
}

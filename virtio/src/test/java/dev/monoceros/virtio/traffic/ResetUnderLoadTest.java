package dev.monoceros.virtio.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.Must;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Resets in the middle of I/O, at random points of random traffic on random configurations. */
class ResetUnderLoadTest {
  private static final int ROUNDS = 3;
  private static final long A_LONG_TIME = 10_000_000_000L;

  @Must({3, 27})
  @Test
  void m03_20ResetsAtRandomPointsLeaveNothingBehind() {
    resets(20);
  }

  @Tag("long")
  @Must({3, 27})
  @Test
  void m03_1000ResetsAtRandomPointsLeaveNothingBehind() {
    resets(1000);
  }

  private static void resets(int count) {
    int inFlight = 0;
    for (int seed = 0; seed < count; seed++) {
      inFlight += reset(seed);
    }
    assertThat(inFlight).as("requests that resets took away").isGreaterThan(count);
  }

  /** How many requests were in flight at the resets. */
  private static int reset(long seed) {
    Setup setup = Setup.random(seed);
    SplittableRandom random = new SplittableRandom(~seed);
    BlkRig rig = setup.rig();
    int inFlight = 0;
    for (int round = 0; round < ROUNDS; round++) {
      setup.start(rig);
      Traffic traffic = new Traffic(rig, setup, random);
      int steps = 1 + random.nextInt(60);
      for (int i = 0; i < steps || (rig.block.requestsInFlight() == 0 && i < 1000); i++) {
        traffic.step();
      }
      inFlight += rig.block.requestsInFlight();
      switch (random.nextInt(3)) {
        case 0 -> rig.driver.reset();
        case 1 -> rig.resetMachine();
        default -> resetEveryQueue(rig, setup, random);
      }
      assertSilence(rig);
    }
    setup.start(rig);
    Traffic afterwards = new Traffic(rig, setup, random);
    for (int i = 0; i < 40; i++) {
      afterwards.step();
    }
    afterwards.drain();
    return inFlight;
  }

  /** One by one in random order, with time between them; ends with a reset of the device. */
  private static void resetEveryQueue(BlkRig rig, Setup setup, SplittableRandom random) {
    boolean possible = (rig.driver.driverFeatures() & BlkRig.RING_RESET) != 0;
    int first = random.nextInt(setup.queues());
    for (int i = 0; possible && i < setup.queues(); i++) {
      int queue = (first + i) % setup.queues();
      DriverQueue ring = rig.queues[queue];
      rig.driver.resetQueue(queue);
      while (ring.hasUsed()) {
        ring.takeUsed();
      }
      rig.driver.kick(queue);
      rig.clock.advance(random.nextInt(5_000));
      assertThat(ring.hasUsed()).as("used after the reset of queue %d (27)", queue).isFalse();
    }
    if (possible) {
      assertThat(rig.block.requestsInFlight()).isZero();
    }
    rig.driver.reset();
  }

  private static void assertSilence(BlkRig rig) {
    assertThat(rig.interrupt.isAsserted()).isFalse();
    assertThat(rig.block.requestsInFlight()).isZero();
    byte[] atReset = rig.memory.snapshot();
    long assertions = rig.interrupt.assertions();
    for (int i = 0; i < rig.queues.length; i++) {
      rig.driver.kick(i);
    }
    rig.clock.advance(A_LONG_TIME);
    assertThat(rig.clock.isArmed()).isFalse();
    assertThat(rig.interrupt.assertions()).isEqualTo(assertions);
    assertThat(rig.memory.snapshot()).isEqualTo(atReset);
  }
}

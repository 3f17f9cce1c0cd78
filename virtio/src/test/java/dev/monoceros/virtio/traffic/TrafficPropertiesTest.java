package dev.monoceros.virtio.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.Must;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Random traffic on random configurations against a model of the disk. */
class TrafficPropertiesTest {
  private static final int STEPS = 150;

  @Must({10, 15, 20, 21, 24, 26})
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void everyRequestComesBackOnceAsTheModelSays(@ForAll long seed) {
    Setup setup = Setup.random(seed);
    BlkRig rig = setup.start(setup.rig());
    Traffic traffic = new Traffic(rig, setup, new SplittableRandom(seed + 1));
    for (int i = 0; i < STEPS; i++) {
      traffic.step();
    }
    traffic.drain();
    assertThat(traffic.completed()).isPositive();
  }
}

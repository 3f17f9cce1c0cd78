package dev.monoceros.tests.arch.broken.qcow;

import java.util.concurrent.ThreadLocalRandom;

/** A choice that differs from run to run. */
final class RollsDice {
  private RollsDice() {}

  static int victim(int tables) {
    return ThreadLocalRandom.current().nextInt(tables);
  }
}

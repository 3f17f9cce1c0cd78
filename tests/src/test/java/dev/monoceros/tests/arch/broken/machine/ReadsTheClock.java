package dev.monoceros.tests.arch.broken.machine;

import java.util.function.LongSupplier;

/** The host's clock gets in, by a method reference. */
final class ReadsTheClock {
  private ReadsTheClock() {}

  static LongSupplier clock() {
    return System::nanoTime;
  }
}

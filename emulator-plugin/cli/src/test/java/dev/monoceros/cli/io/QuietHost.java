package dev.monoceros.cli.io;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** A process that only remembers which signals it was to raise. */
final class QuietHost implements Host {
  final List<Integer> signals = new ArrayList<>();
  final List<Long> sleeps = new ArrayList<>();

  @Override
  public LongSupplier clock() {
    return System::nanoTime;
  }

  @Override
  public boolean interactive() {
    return false;
  }

  @Override
  public void sleepNanos(long nanos) {
    sleeps.add(nanos);
  }

  @Override
  public void raise(int number) {
    signals.add(number);
  }
}

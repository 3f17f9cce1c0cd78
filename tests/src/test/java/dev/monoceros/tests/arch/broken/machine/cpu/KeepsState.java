package dev.monoceros.tests.arch.broken.machine.cpu;

/** Two machines in one JVM would share it. */
final class KeepsState {
  private static long runs;

  private KeepsState() {}

  static long next() {
    return ++runs;
  }
}

package dev.monoceros.machine.bus;

/** One interrupt request wire, seen from the device that drives it. */
@FunctionalInterface
public interface InterruptLine {
  /** Drives the wire; driving it to the level it has already does nothing. */
  void set(boolean asserted);

  /** A wire that leads nowhere. */
  static InterruptLine unconnected() {
    return asserted -> {};
  }
}

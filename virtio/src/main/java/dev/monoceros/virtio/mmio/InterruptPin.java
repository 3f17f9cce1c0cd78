package dev.monoceros.virtio.mmio;

/** Where the interrupt of a window leads: a port that the machine implements. */
@FunctionalInterface
public interface InterruptPin {
  /** The level, asserted while an event is unacknowledged; called on changes only. */
  void set(boolean asserted);
}

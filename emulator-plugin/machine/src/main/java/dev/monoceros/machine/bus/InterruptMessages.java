package dev.monoceros.machine.bus;

/** Where interrupt messages go: the local APICs. */
@FunctionalInterface
public interface InterruptMessages {
  /** Delivers a message, or drops it if nobody accepts it. */
  void send(InterruptMessage message);
}

package dev.monoceros.machine.time;

/**
 * The one clock of a machine. It moves only because guest code ran or because the CPU was halted up
 * to the next event.
 */
@FunctionalInterface
public interface VirtualClock {
  /**
   * Virtual time since power-on.
   *
   * @return nanoseconds, never negative, never less than an earlier answer
   */
  long now();
}

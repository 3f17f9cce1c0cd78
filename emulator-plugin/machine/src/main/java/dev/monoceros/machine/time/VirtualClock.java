package dev.monoceros.machine.time;

/**
 * The one clock of a machine. It moves only because guest code ran, because the CPU was halted up
 * to the next event, or because it waited for a device's answer.
 */
@FunctionalInterface
public interface VirtualClock {
  /**
   * Virtual time since power-on.
   *
   * @return nanoseconds, never negative, never less than an earlier answer
   */
  long now();

  /**
   * Lets time pass while the CPU waits for a device's answer. Called by a device inside an access
   * of the guest's; events that become due happen after the running block. A clock that does not
   * count a CPU's time need not heed it.
   *
   * @param nanos 0 or more
   */
  default void stall(long nanos) {}
}

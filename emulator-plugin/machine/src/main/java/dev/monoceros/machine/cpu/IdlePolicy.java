package dev.monoceros.machine.cpu;

/** What the host does while the guest waits in HLT. */
@FunctionalInterface
public interface IdlePolicy {
  /** Does not wait: virtual time jumps to the next event. */
  IdlePolicy JUMP = (now, until) -> until;

  /**
   * The guest has nothing to do until an event.
   *
   * @param now ns of virtual time
   * @param until time of the next event, ns of virtual time, or {@link Long#MAX_VALUE} for none
   * @return the virtual time to go on at, {@code now} to {@code until}
   */
  long idle(long now, long until);
}

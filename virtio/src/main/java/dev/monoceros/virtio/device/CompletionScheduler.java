package dev.monoceros.virtio.device;

/**
 * Virtual time for devices: a port that the machine implements on its event queue.
 *
 * <p>A device owns few alarms for its whole life and sets them again and again, instead of
 * scheduling one event per request: so a guest cannot fill the machine's event queue, a reset has
 * one thing to take back, and nothing is allocated per request.
 */
public interface CompletionScheduler {

  /** Virtual time now, in nanoseconds; never goes back. */
  long nowNanos();

  /** A new alarm, not set, that runs {@code action} on the vCPU thread each time it goes off. */
  Alarm newAlarm(Runnable action);

  /** One event of the device at a time; setting it again replaces the earlier time. */
  interface Alarm {

    /**
     * Goes off once, at virtual time {@code nanos}, or at the next opportunity if that has passed;
     * never from within this call. While the action runs the alarm is not set.
     */
    void set(long nanos);

    /** Does not go off, if it was set. */
    void clear();
  }
}

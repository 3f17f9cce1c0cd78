package dev.monoceros.machine.time;

/**
 * One thing due at one virtual time. Made by {@link EventQueue}; may be armed again any number of
 * times, so that a periodic device allocates nothing.
 */
public final class Event {
  static final int NOT_QUEUED = -1;

  final EventQueue owner;
  final Runnable action;
  long at;
  long sequence;
  int heapIndex = NOT_QUEUED;

  Event(EventQueue owner, Runnable action) {
    this.owner = owner;
    this.action = action;
  }

  /**
   * When this event is due, or was due last.
   *
   * @return ns of virtual time since power-on
   */
  public long at() {
    return at;
  }

  /** Whether this event is waiting in its queue. */
  public boolean isArmed() {
    return heapIndex != NOT_QUEUED;
  }

  boolean isBefore(Event other) {
    return at != other.at ? at < other.at : sequence < other.sequence;
  }
}

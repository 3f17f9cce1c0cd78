package dev.monoceros.machine.time;

/** A clock under the test's control, and a queue on it whose events run at their exact times. */
public final class TestTime implements VirtualClock {
  public final EventQueue events = new EventQueue(this);
  private long now;
  private long stalled;

  public TestTime() {}

  @Override
  public long now() {
    return now;
  }

  @Override
  public void stall(long nanos) {
    stalled += nanos;
  }

  /** How long devices have kept the CPU waiting; that does not move this clock. */
  public long stalled() {
    return stalled;
  }

  /** Goes to {@code nanos}, stopping at every event on the way. */
  public void runTo(long nanos) {
    while (events.nextDeadline() <= nanos) {
      now = Math.max(now, events.nextDeadline());
      events.runDue();
    }
    now = nanos;
  }

  public void run(long nanos) {
    runTo(now + nanos);
  }

  /** Goes to {@code nanos} without running anything: a CPU that is late. */
  public void jumpTo(long nanos) {
    now = nanos;
  }
}

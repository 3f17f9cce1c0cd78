package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.device.CompletionScheduler;
import java.util.ArrayList;
import java.util.List;

/** Virtual time that a test moves by hand. Alarms go off in order of time, then of creation. */
public final class ManualClock implements CompletionScheduler {
  private final List<ManualAlarm> alarms = new ArrayList<>();
  private long now;

  /** Virtual time 0, no alarms. */
  public ManualClock() {}

  @Override
  public long nowNanos() {
    return now;
  }

  @Override
  public Alarm newAlarm(Runnable action) {
    ManualAlarm alarm = new ManualAlarm(action);
    alarms.add(alarm);
    return alarm;
  }

  /** Whether any alarm is set. */
  public boolean isArmed() {
    return next() != null;
  }

  /** Lets {@code nanos} pass; alarms that fall due on the way go off at their own time. */
  public void advance(long nanos) {
    long end = Math.addExact(now, nanos);
    for (ManualAlarm alarm = next(); alarm != null && alarm.at <= end; alarm = next()) {
      ring(alarm);
    }
    now = end;
  }

  /** Jumps to the next alarm and lets it go off, as HLT does; false if none is set. */
  public boolean runNext() {
    ManualAlarm alarm = next();
    if (alarm != null) {
      ring(alarm);
    }
    return alarm != null;
  }

  /**
   * Runs until no alarm is set.
   *
   * @throws IllegalStateException if that is not so after {@code limit} alarms
   */
  public void runAll(int limit) {
    for (int i = 0; i < limit; i++) {
      if (!runNext()) {
        return;
      }
    }
    if (isArmed()) {
      throw new IllegalStateException("alarms still go off after " + limit + " of them");
    }
  }

  private void ring(ManualAlarm alarm) {
    now = Math.max(now, alarm.at);
    alarm.set = false;
    alarm.action.run();
  }

  private ManualAlarm next() {
    ManualAlarm first = null;
    for (int i = 0; i < alarms.size(); i++) {
      ManualAlarm alarm = alarms.get(i);
      if (alarm.set && (first == null || alarm.at < first.at)) {
        first = alarm;
      }
    }
    return first;
  }

  /** One alarm of one device. */
  private static final class ManualAlarm implements Alarm {
    private final Runnable action;
    private boolean set;
    private long at;

    ManualAlarm(Runnable action) {
      this.action = action;
    }

    @Override
    public void set(long nanos) {
      at = nanos;
      set = true;
    }

    @Override
    public void clear() {
      set = false;
    }
  }
}

package dev.monoceros.machine.virtio;

import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.virtio.device.CompletionScheduler;

/** The machine's event queue as virtio's port for virtual time. */
public final class VirtualTime implements CompletionScheduler {
  private final EventQueue events;

  /** Over {@code events}. */
  public VirtualTime(EventQueue events) {
    this.events = events;
  }

  @Override
  public long nowNanos() {
    return events.clock().now();
  }

  @Override
  public Alarm newAlarm(Runnable action) {
    Event event = events.create(action);
    return new Alarm() {
      @Override
      public void set(long nanos) {
        events.arm(event, nanos);
      }

      @Override
      public void clear() {
        events.cancel(event);
      }
    };
  }
}

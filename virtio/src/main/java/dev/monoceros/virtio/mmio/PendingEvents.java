package dev.monoceros.virtio.mmio;

/**
 * InterruptStatus and InterruptACK (4.2.2.1): an event's bit is set from the moment it takes place
 * until the driver acknowledges it, and the pin is asserted as long as there is one.
 */
final class PendingEvents {
  static final int USED_BUFFER = 1;
  static final int CONFIG_CHANGE = 2;

  private final InterruptPin pin;
  private int events;

  PendingEvents(InterruptPin pin) {
    this.pin = pin;
  }

  int events() {
    return events;
  }

  void add(int event) {
    update(events | event);
  }

  void acknowledge(long mask) {
    update(events & (int) ~mask);
  }

  void clear() {
    update(0);
  }

  private void update(int now) {
    boolean before = events != 0;
    events = now;
    if (before != (now != 0)) {
      pin.set(now != 0);
    }
  }
}

package dev.monoceros.virtio.device;

import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.queue.Virtqueue;

/** What a device has around it: memory, queues, and the ways to reach the driver. */
public interface DeviceContext {

  /** The driver's features; final once the device is live. */
  long features();

  /** Guest RAM. */
  GuestMemory memory();

  /**
   * Whether the device may touch guest memory now: false while the driver has taken bus mastering
   * away from its PCI function. No queue is notified meanwhile; what falls due in virtual time has
   * to wait for {@link VirtioDevice#memoryGranted}.
   */
  boolean mayAccessMemory();

  /** Queue {@code index}, or null unless the device is live and the driver has enabled it. */
  Virtqueue queue(int index);

  /** Sends a used buffer notification for queue {@code index} (2.3). */
  void notifyUsed(int index);

  /**
   * The configuration space has changed: a new generation (2.5.1) and, if the device is live, a
   * configuration change notification.
   */
  void configChanged();

  /**
   * The device has met an error that only a reset ends: sets DEVICE_NEEDS_RESET and notifies the
   * driver (2.1.2).
   *
   * @param reason one clause for the log
   */
  void needsReset(String reason);
}

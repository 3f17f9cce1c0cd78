package dev.monoceros.virtio.device;

/** What the lifecycle tells the transport it sits in. */
public interface DeviceEvents {

  /** Send a used buffer notification for queue {@code index}. */
  void usedBuffer(int index);

  /** Send a configuration change notification. */
  void configChange();

  /** The device has been reset: take back notifications and transport state of the queues. */
  void wasReset();
}

package dev.monoceros.virtio.device;

/** Bits of the device status field (2.1). */
public final class DeviceStatus {
  /** Written by the driver to reset the device (2.4). */
  public static final int RESET = 0;

  /** The guest has noticed the device. */
  public static final int ACKNOWLEDGE = 1;

  /** The guest knows how to drive it. */
  public static final int DRIVER = 2;

  /** The driver is set up: the device is live. */
  public static final int DRIVER_OK = 4;

  /** The driver's features are accepted. */
  public static final int FEATURES_OK = 8;

  /** Set by the device alone: it has met an error that only a reset ends. */
  public static final int DEVICE_NEEDS_RESET = 64;

  /** The guest has given up on the device. */
  public static final int FAILED = 128;

  private DeviceStatus() {}
}

package dev.monoceros.virtio.device;

/**
 * A kind of virtio device, independent of the transport. Implementations are called on the vCPU
 * thread only and never see guest input that the lifecycle could refuse for them.
 */
public interface VirtioDevice {

  /** The virtio device ID (5), 1 to 63: 2 is a block device. */
  int deviceId();

  /**
   * The features offered. Constant from construction on; VERSION_1 is among them, and no feature is
   * without its prerequisite (2.2.2).
   */
  long offeredFeatures();

  /**
   * Whether the device can work with this subset of the offered features, VERSION_1 included. The
   * answer for one set never changes (2.2.2). All valid subsets should be accepted.
   */
  default boolean accepts(long features) {
    return true;
  }

  /** How many queues there are, at least 1. */
  int queueCount();

  /** The largest size of queue {@code index}: a power of two up to 32768. */
  int maxQueueSize(int index);

  /** Most descriptors taken in one chain, direct and indirect together. */
  int maxChainLength();

  /** Bytes of device configuration space (2.5). */
  int configLength();

  /** Reads 1 to 8 bytes of configuration space; 0 beyond its end. No side effects. */
  long readConfig(long offset, int size);

  /**
   * Writes 1 to 8 bytes of configuration space; bytes the driver may not write stay as they are.
   */
  default void writeConfig(long offset, int size, long value) {}

  /** Called once, before everything below, with what the device works on all its life. */
  void attach(DeviceContext context);

  /**
   * The driver has set FEATURES_OK with these features, which are final until the next reset.
   * Configuration fields whose value depends on them change now, before the driver reads them.
   */
  default void negotiated(long features) {}

  /** The driver has set DRIVER_OK: features are final and the device is live. */
  void activate();

  /**
   * The driver has notified queue {@code index}, which is enabled; the device is live. May come
   * when there is nothing to do (2.3).
   */
  void queueNotified(int index);

  /**
   * Guest memory may be touched again after a time in which {@link DeviceContext#mayAccessMemory}
   * was false: what fell due meanwhile goes on. Queues notified meanwhile are notified after this.
   */
  default void memoryGranted() {}

  /**
   * Queue {@code index} is reset or disabled (2.6.1, 4.2.2.2): requests taken from it are dropped.
   * When this returns nothing of its past writes to guest memory or interrupts. Called only for a
   * queue that was live.
   */
  void queueReset(int index);

  /**
   * Back to the state after construction (2.4). When this returns nothing of the past writes to
   * guest memory or interrupts. May be called at any time, also twice.
   */
  void reset();
}

package dev.monoceros.virtio.device;

import dev.monoceros.virtio.queue.QueueSetup;
import dev.monoceros.virtio.queue.Virtqueue;

/**
 * What the driver sets up for one queue through the transport's registers, before it enables it.
 * Once enabled nothing changes until a reset or, where the transport has it, disabling (4.1.4.3.2,
 * 4.2.2.2).
 */
public final class QueueRegisters {
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private final int maxSize;
  private int size;
  private boolean enabled;
  private long descriptorTable;
  private long driverArea;
  private long deviceArea;
  private Virtqueue live;
  private boolean notified;

  QueueRegisters(int maxSize) {
    this.maxSize = maxSize;
    this.size = maxSize;
  }

  /** The largest size in descriptors, which is also the size after reset. */
  public int maxSize() {
    return maxSize;
  }

  /** The configured size in descriptors: the maximum until the driver writes another. */
  public int size() {
    return size;
  }

  /**
   * Takes a size up to the maximum, a power of two unless {@code any} is allowed (2.8.10.1: packed
   * virtqueues); any other value, and any value once enabled, is ignored.
   */
  void setSize(long value, boolean any) {
    if (!enabled && value > 0 && value <= maxSize && (any || Long.bitCount(value) == 1)) {
      size = (int) value;
    }
  }

  /** Whether the driver has enabled the queue. */
  public boolean enabled() {
    return enabled;
  }

  /** Guest physical address of the descriptor table. */
  public long descriptorTable() {
    return descriptorTable;
  }

  /** Guest physical address of the driver area (available ring). */
  public long driverArea() {
    return driverArea;
  }

  /** Guest physical address of the device area (used ring). */
  public long deviceArea() {
    return deviceArea;
  }

  /** Sets the half of the address that {@code high} tells; ignored once enabled. */
  public void setDescriptorTable(long half, boolean high) {
    descriptorTable = enabled ? descriptorTable : merge(descriptorTable, half, high);
  }

  /** Sets the half of the address that {@code high} tells; ignored once enabled. */
  public void setDriverArea(long half, boolean high) {
    driverArea = enabled ? driverArea : merge(driverArea, half, high);
  }

  /** Sets the half of the address that {@code high} tells; ignored once enabled. */
  public void setDeviceArea(long half, boolean high) {
    deviceArea = enabled ? deviceArea : merge(deviceArea, half, high);
  }

  private static long merge(long address, long half, boolean high) {
    return high
        ? (address & LOW_HALF) | half << Integer.SIZE
        : (address & ~LOW_HALF) | (half & LOW_HALF);
  }

  void enable() {
    enabled = true;
  }

  /** Closes the queue; what the driver set up stays, and it may enable the queue again. */
  void disable() {
    enabled = false;
    live = null;
    notified = false;
  }

  Virtqueue live() {
    return live;
  }

  void setLive(Virtqueue queue) {
    live = queue;
  }

  /** Whether a notification waits until the device may touch guest memory again. */
  boolean notified() {
    return notified;
  }

  void setNotified(boolean now) {
    notified = now;
  }

  QueueSetup setup(int index, int maxChainLength, long features) {
    return new QueueSetup(
        index,
        size,
        descriptorTable,
        driverArea,
        deviceArea,
        maxChainLength,
        Features.has(features, Features.RING_PACKED),
        Features.has(features, Features.INDIRECT_DESC),
        Features.has(features, Features.EVENT_IDX));
  }

  void reset() {
    size = maxSize;
    enabled = false;
    descriptorTable = 0;
    driverArea = 0;
    deviceArea = 0;
    live = null;
    notified = false;
  }
}

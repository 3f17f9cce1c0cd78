package dev.monoceros.virtio.device;

import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.queue.Virtqueue;
import java.util.Optional;

/**
 * The status machine of one device (2.1, 3.1): negotiates features, sets queues up, lets
 * notifications through only while the device is live, and resets everything. Transports put their
 * registers in front of it.
 *
 * <p>No order of calls and no value is an error here: what a driver must not do is ignored.
 */
public final class DeviceLifecycle {
  private static final int DRIVER_BITS =
      DeviceStatus.ACKNOWLEDGE
          | DeviceStatus.DRIVER
          | DeviceStatus.DRIVER_OK
          | DeviceStatus.FEATURES_OK
          | DeviceStatus.FAILED;
  private static final int STATUS_MASK = 0xFF;
  private static final int GENERATION_MASK = 0xFF;
  private static final long QUEUE_NUMBER_MASK = 0xFFFF;

  private final VirtioDevice device;
  private final GuestMemory memory;
  private final DeviceEvents events;
  private final DeviceContext context = new Context();
  private final FeatureNegotiation features;
  private final QueueRegisters[] queues;
  private int status;
  private int generation;
  private String resetReason;
  private long ignoredNotifications;
  private boolean memoryAccess = true;

  /** A device in its state after reset; {@code device} is attached here, once and for all. */
  public DeviceLifecycle(VirtioDevice device, GuestMemory memory, DeviceEvents events) {
    this.device = device;
    this.memory = memory;
    this.events = events;
    this.features = new FeatureNegotiation(device.offeredFeatures());
    if (!Features.has(features.offered(), Features.VERSION_1)) {
      throw new IllegalArgumentException("a device must offer VERSION_1 (6.1)");
    }
    this.queues = new QueueRegisters[device.queueCount()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new QueueRegisters(device.maxQueueSize(i));
    }
    device.attach(context);
  }

  /** The device status field, a set of {@link DeviceStatus} bits. */
  public int status() {
    return status;
  }

  /**
   * What the driver writes to the status field: 0 resets (2.4); other bits are added in the order
   * of 3.1.1, as far as the device agrees. Bits are never taken away but by a reset, and
   * DEVICE_NEEDS_RESET is the device's own.
   */
  public void writeStatus(long value) {
    int wanted = (int) value & STATUS_MASK;
    if (wanted == DeviceStatus.RESET) {
      reset();
      return;
    }
    int added = wanted & DRIVER_BITS & ~status;
    status |= added & ~(DeviceStatus.FEATURES_OK | DeviceStatus.DRIVER_OK);
    if ((added & DeviceStatus.FEATURES_OK) != 0
        && features.isValid()
        && device.accepts(features.driver())) {
      status |= DeviceStatus.FEATURES_OK;
      device.negotiated(features.driver());
    }
    if ((added & DeviceStatus.DRIVER_OK) != 0 && isSet(DeviceStatus.FEATURES_OK)) {
      status |= DeviceStatus.DRIVER_OK;
      activate();
    }
  }

  /** Resets the device as a status of 0 or a reset of the whole machine does (2.4). */
  public void reset() {
    status = DeviceStatus.RESET;
    resetReason = null;
    features.reset();
    for (QueueRegisters queue : queues) {
      queue.reset();
    }
    device.reset();
    events.wasReset();
  }

  /** 32 offered feature bits from bit 32 * {@code select}; 0 past the last. */
  public long offeredFeatures(long select) {
    return features.offeredWindow(select);
  }

  /** 32 feature bits of the driver, as far as they are valid, from bit 32 * {@code select}. */
  public long driverFeatures(long select) {
    return features.driverWindow(select);
  }

  /** Writes 32 of the driver's feature bits; ignored once FEATURES_OK is set (2.2.1). */
  public void writeDriverFeatures(long select, long value) {
    if (!isSet(DeviceStatus.FEATURES_OK)) {
      features.writeDriverWindow(select, value);
    }
  }

  /** Configuration generation, 0 to 255 (2.5.1). */
  public int configGeneration() {
    return generation;
  }

  /** How many queues there are. */
  public int queueCount() {
    return queues.length;
  }

  /** Registers of queue {@code index}, or null if there is no such queue. */
  public QueueRegisters queue(long index) {
    return index >= 0 && index < queues.length ? queues[(int) index] : null;
  }

  /** The driver chooses how many descriptors queue {@code index} has, before it enables it. */
  public void setQueueSize(long index, long size) {
    QueueRegisters queue = queue(index);
    if (queue != null) {
      queue.setSize(size, Features.has(features.driver(), Features.RING_PACKED));
    }
  }

  /**
   * The driver enables queue {@code index}; the way back is {@link #resetQueue}, or {@link
   * #disableQueue} where the transport has it.
   */
  public void enableQueue(long index) {
    QueueRegisters queue = queue(index);
    if (queue != null && !queue.enabled()) {
      queue.enable();
      if (isSet(DeviceStatus.DRIVER_OK)) {
        open((int) index);
      }
    }
  }

  /**
   * The driver resets queue {@code index} alone (2.6.1): its registers return to their defaults and
   * nothing more is done for it. Ignored unless RING_RESET was negotiated.
   */
  public void resetQueue(long index) {
    QueueRegisters queue = queue(index);
    boolean negotiated = Features.has(features.driver(), Features.RING_RESET);
    if (queue != null && negotiated && isSet(DeviceStatus.FEATURES_OK)) {
      close((int) index);
      queue.reset();
    }
  }

  /** The driver takes queue {@code index} away and leaves its registers as they are (4.2.2.2). */
  public void disableQueue(long index) {
    QueueRegisters queue = queue(index);
    if (queue != null) {
      close((int) index);
      queue.disable();
    }
  }

  private void close(int index) {
    if (queues[index].live() != null) {
      device.queueReset(index);
    }
  }

  /** The driver notifies queue {@code index}; ignored unless the device and the queue are live. */
  public void notifyQueue(long index) {
    QueueRegisters queue = queue(index);
    // A queue is open only after DRIVER_OK (2.1.2: nothing is consumed before).
    boolean open = queue != null && queue.live() != null;
    if (!open || isSet(DeviceStatus.DEVICE_NEEDS_RESET)) {
      ignoredNotifications++;
    } else if (memoryAccess) {
      device.queueNotified((int) index);
    } else {
      queue.setNotified(true);
    }
  }

  /**
   * Lets the device touch guest memory, or forbids it; allowed from the start and through every
   * reset. While it is forbidden notifications are remembered, one for each queue, until memory is
   * granted again or the queue or the device is reset.
   */
  public void setMemoryAccess(boolean allowed) {
    if (allowed == memoryAccess) {
      return;
    }
    memoryAccess = allowed;
    if (allowed) {
      device.memoryGranted();
      for (int i = 0; i < queues.length; i++) {
        if (queues[i].notified()) {
          queues[i].setNotified(false);
          notifyQueue(i);
        }
      }
    }
  }

  /**
   * The driver writes {@code value} to a register that serves all queues: the queue's number, in
   * the low 16 bits of it with NOTIFICATION_DATA (2.9). The data above them, how far the driver has
   * come, is a hint that a device which reads the ring does not need.
   */
  public void notifyByValue(long value) {
    boolean data = Features.has(features.driver(), Features.NOTIFICATION_DATA);
    notifyQueue(data ? value & QUEUE_NUMBER_MASK : value);
  }

  /** Notifications that came while there was nothing to notify: the driver's fault. */
  public long ignoredNotifications() {
    return ignoredNotifications;
  }

  /** Why DEVICE_NEEDS_RESET is set, as one clause; empty while it is not. */
  public Optional<String> resetReason() {
    return Optional.ofNullable(resetReason);
  }

  private boolean isSet(int bit) {
    return (status & bit) != 0;
  }

  private void activate() {
    device.activate();
    for (int i = 0; i < queues.length; i++) {
      if (queues[i].enabled()) {
        open(i);
      }
    }
  }

  private void open(int index) {
    Virtqueue queue =
        Virtqueue.open(
            memory, queues[index].setup(index, device.maxChainLength(), features.driver()));
    queues[index].setLive(queue);
    queue
        .fault()
        .ifPresent(fault -> context.needsReset("queue " + index + ": " + fault.sentence()));
  }

  /** What the live device sees of its lifecycle. */
  private final class Context implements DeviceContext {
    @Override
    public long features() {
      return features.driver();
    }

    @Override
    public GuestMemory memory() {
      return memory;
    }

    @Override
    public boolean mayAccessMemory() {
      return memoryAccess;
    }

    @Override
    public Virtqueue queue(int index) {
      return queues[index].live();
    }

    @Override
    public void notifyUsed(int index) {
      events.usedBuffer(index);
    }

    @Override
    public void configChanged() {
      generation = (generation + 1) & GENERATION_MASK;
      if (isSet(DeviceStatus.DRIVER_OK)) {
        events.configChange();
      }
    }

    @Override
    public void needsReset(String reason) {
      if (isSet(DeviceStatus.DEVICE_NEEDS_RESET)) {
        return;
      }
      status |= DeviceStatus.DEVICE_NEEDS_RESET;
      resetReason = reason;
      if (isSet(DeviceStatus.DRIVER_OK)) {
        events.configChange();
      }
    }
  }
}

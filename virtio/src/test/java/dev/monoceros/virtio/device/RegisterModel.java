package dev.monoceros.virtio.device;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.FakeDriver;
import java.util.Arrays;

/**
 * What the registers of a device must read after any sequence of writes, said a second time and as
 * simply as possible (2.1, 2.2, 2.6, 3.1, 4.1.4.3, 4.2.2). Both transports share it; where they
 * differ it asks which one it is. Queues never get rings in RAM here, so that each that goes live
 * is a reason for NEEDS_RESET.
 */
final class RegisterModel {
  private static final int DRIVER_BITS =
      FakeDriver.S_ACKNOWLEDGE
          | FakeDriver.S_DRIVER
          | FakeDriver.S_DRIVER_OK
          | FakeDriver.S_FEATURES_OK
          | 128;
  private static final long LOW = 0xFFFF_FFFFL;

  private final boolean mmio;
  private final long offered;
  private final int maxSize;
  private final Queue[] queues;
  private int status;
  private long features;
  private boolean beyond;
  private long deviceSelect;
  private long driverSelect;
  private long queueSelect;

  /** What the driver set up for one queue. */
  private static final class Queue {
    private int size;
    private boolean enabled;
    private final long[] addresses = new long[3];

    void reset(int maxSize) {
      size = maxSize;
      enabled = false;
      Arrays.fill(addresses, 0);
    }
  }

  RegisterModel(boolean mmio, long offered, int queues, int maxSize) {
    this.mmio = mmio;
    this.offered = offered;
    this.maxSize = maxSize;
    this.queues = new Queue[queues];
    for (int i = 0; i < queues; i++) {
      this.queues[i] = new Queue();
    }
    reset();
  }

  private void reset() {
    status = 0;
    features = 0;
    beyond = false;
    deviceSelect = 0;
    driverSelect = 0;
    queueSelect = 0;
    for (Queue queue : queues) {
      queue.reset(maxSize);
    }
  }

  private boolean has(int bit) {
    return (status & bit) != 0;
  }

  private Queue selected() {
    return queueSelect < queues.length ? queues[(int) queueSelect] : null;
  }

  /** A write of a whole field, by its number on PCI. */
  void write(int field, long value) {
    switch (field) {
      case FakeDriver.DEVICE_FEATURE_SELECT -> deviceSelect = value & LOW;
      case FakeDriver.DRIVER_FEATURE_SELECT -> driverSelect = value & LOW;
      case FakeDriver.DRIVER_FEATURE -> writeFeatures(value & LOW);
      case FakeDriver.STATUS -> writeStatus((int) value & 0xFF);
      case FakeDriver.QUEUE_SELECT -> queueSelect = mmio ? value & LOW : value & 0xFFFF;
      default -> {
        if (selected() != null) {
          writeQueue(selected(), field, value);
        }
      }
    }
  }

  private void writeFeatures(long value) {
    if (has(FakeDriver.S_FEATURES_OK)) {
      return;
    }
    if (driverSelect == 0) {
      features = (features & ~LOW) | value;
    } else if (driverSelect == 1) {
      features = (features & LOW) | (value << 32);
    } else {
      beyond |= value != 0;
    }
  }

  private void writeStatus(int value) {
    if (value == 0) {
      reset();
      return;
    }
    int added = value & DRIVER_BITS & ~status;
    status |= added & ~(FakeDriver.S_FEATURES_OK | FakeDriver.S_DRIVER_OK);
    boolean valid = !beyond && (features & ~offered) == 0 && (features & BlkRig.VERSION_1) != 0;
    if ((added & FakeDriver.S_FEATURES_OK) != 0 && valid) {
      status |= FakeDriver.S_FEATURES_OK;
    }
    if ((added & FakeDriver.S_DRIVER_OK) != 0 && has(FakeDriver.S_FEATURES_OK)) {
      status |= FakeDriver.S_DRIVER_OK;
      for (Queue queue : queues) {
        status |= queue.enabled ? FakeDriver.S_NEEDS_RESET : 0;
      }
    }
  }

  private void writeQueue(Queue queue, int field, long value) {
    switch (field) {
      case FakeDriver.QUEUE_SIZE -> {
        long size = mmio ? value & LOW : value & 0xFFFF;
        boolean packed = (features & offered & BlkRig.RING_PACKED) != 0;
        boolean power = Long.bitCount(size) == 1;
        if (!queue.enabled && size > 0 && size <= maxSize && (packed || power)) {
          queue.size = (int) size;
        }
      }
      case FakeDriver.QUEUE_ENABLE -> enable(queue, mmio ? value & LOW : value & 0xFFFF);
      case FakeDriver.QUEUE_RESET -> {
        boolean one = (mmio ? value & LOW : value & 0xFFFF) == 1;
        boolean negotiated = (features & offered & BlkRig.RING_RESET) != 0;
        if (one && negotiated && has(FakeDriver.S_FEATURES_OK)) {
          queue.reset(maxSize);
        }
      }
      default -> {
        int half = field - FakeDriver.QUEUE_DESC_LOW;
        if (half >= 0 && half < 24 && !queue.enabled) {
          long old = queue.addresses[half / 8];
          queue.addresses[half / 8] =
              half % 8 == 0 ? (old & ~LOW) | (value & LOW) : (old & LOW) | (value << 32);
        }
      }
    }
  }

  private void enable(Queue queue, long value) {
    if (value == 1 && !queue.enabled) {
      queue.enabled = true;
      status |= has(FakeDriver.S_DRIVER_OK) ? FakeDriver.S_NEEDS_RESET : 0;
    } else if (value == 0 && mmio) {
      // 4.2.2.2: QueueReady 0 takes the queue away; on PCI a driver must not write 0.
      queue.enabled = false;
    }
  }

  /** What a field reads; 0 where the transport has nothing to read. */
  long read(int field) {
    return switch (field) {
      case FakeDriver.DEVICE_FEATURE -> window(offered, deviceSelect);
      case FakeDriver.DRIVER_FEATURE -> mmio ? 0 : window(features & offered, driverSelect);
      case FakeDriver.DEVICE_FEATURE_SELECT -> mmio ? 0 : deviceSelect;
      case FakeDriver.DRIVER_FEATURE_SELECT -> mmio ? 0 : driverSelect;
      case FakeDriver.STATUS -> status;
      case FakeDriver.QUEUE_SELECT -> mmio ? 0 : queueSelect;
      default -> selected() == null ? 0 : readQueue(selected(), field);
    };
  }

  private long readQueue(Queue queue, int field) {
    if (field == FakeDriver.QUEUE_SIZE) {
      return mmio ? maxSize : queue.size;
    }
    if (field == FakeDriver.QUEUE_ENABLE) {
      return queue.enabled ? 1 : 0;
    }
    int half = field - FakeDriver.QUEUE_DESC_LOW;
    if (half >= 0 && half < 24 && !mmio) {
      long address = queue.addresses[half / 8];
      return half % 8 == 0 ? address & LOW : address >>> 32;
    }
    return 0;
  }

  private static long window(long set, long select) {
    return select < 2 ? set >>> (int) (32 * select) & LOW : 0;
  }
}

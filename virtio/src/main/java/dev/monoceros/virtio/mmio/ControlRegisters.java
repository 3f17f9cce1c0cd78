package dev.monoceros.virtio.mmio;

import dev.monoceros.virtio.device.DeviceLifecycle;
import dev.monoceros.virtio.device.QueueRegisters;
import dev.monoceros.virtio.memory.LittleEndian;

/**
 * The control registers (4.2.2), 32 bits each, from 0x000 up to the configuration space.
 *
 * <pre>{@code
 * 000 MagicValue       004 Version          008 DeviceID          00c VendorID
 * 010 DeviceFeatures   014 DeviceFeaturesSel
 * 020 DriverFeatures   024 DriverFeaturesSel
 * 030 QueueSel         034 QueueNumMax      038 QueueNum          044 QueueReady
 * 050 QueueNotify      060 InterruptStatus  064 InterruptACK      070 Status
 * 080 QueueDescLow/High   090 QueueDriverLow/High   0a0 QueueDeviceLow/High
 * 0ac SHMSel  0b0 SHMLenLow/High  0b8 SHMBaseLow/High  0c0 QueueReset  0fc ConfigGeneration
 * }</pre>
 */
final class ControlRegisters {
  static final int LENGTH = 0x100;

  private static final int MAGIC_VALUE = 0x000;
  private static final int VERSION = 0x004;
  private static final int DEVICE_ID = 0x008;
  private static final int VENDOR_ID = 0x00c;
  private static final int DEVICE_FEATURES = 0x010;
  private static final int DEVICE_FEATURES_SEL = 0x014;
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SEL = 0x024;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM_MAX = 0x034;
  private static final int QUEUE_NUM = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int INTERRUPT_STATUS = 0x060;
  private static final int INTERRUPT_ACK = 0x064;
  private static final int STATUS = 0x070;
  private static final int QUEUE_DESC_LOW = 0x080;
  private static final int QUEUE_DESC_HIGH = 0x084;
  private static final int QUEUE_DRIVER_LOW = 0x090;
  private static final int QUEUE_DRIVER_HIGH = 0x094;
  private static final int QUEUE_DEVICE_LOW = 0x0a0;
  private static final int QUEUE_DEVICE_HIGH = 0x0a4;
  private static final int SHM_LEN_LOW = 0x0b0;
  private static final int SHM_LEN_HIGH = 0x0b4;
  private static final int SHM_BASE_LOW = 0x0b8;
  private static final int SHM_BASE_HIGH = 0x0bc;
  private static final int QUEUE_RESET = 0x0c0;
  private static final int CONFIG_GENERATION = 0x0fc;

  /** "virt", little endian. */
  private static final long MAGIC = 0x7472_6976L;

  /** 4.2.2.1: devices of the legacy interface have 1. */
  private static final long MODERN = 2;

  /** PCI's number for virtio serves here too: any value will do (4.2.2). */
  private static final long VENDOR = 0x1af4;

  /** 4.2.2: a shared memory region that is not there has the length 2^64 - 1. */
  private static final long ALL_ONES = 0xffff_ffffL;

  private final int deviceId;
  private final DeviceLifecycle device;
  private final PendingEvents pending;
  private long deviceFeaturesSel;
  private long driverFeaturesSel;
  private long queueSel;

  ControlRegisters(int deviceId, DeviceLifecycle device, PendingEvents pending) {
    this.deviceId = deviceId;
    this.device = device;
    this.pending = pending;
  }

  /** Reads a register; what is write-only or not there reads as 0. */
  long read(int register) {
    return switch (register) {
      case MAGIC_VALUE -> MAGIC;
      case VERSION -> MODERN;
      case DEVICE_ID -> deviceId;
      case VENDOR_ID -> VENDOR;
      case DEVICE_FEATURES -> device.offeredFeatures(deviceFeaturesSel);
      case QUEUE_NUM_MAX -> queueNumMax();
      case QUEUE_READY -> queueReady();
      case INTERRUPT_STATUS -> pending.events();
      case STATUS -> device.status();
      case SHM_LEN_LOW, SHM_LEN_HIGH, SHM_BASE_LOW, SHM_BASE_HIGH -> ALL_ONES;
      case CONFIG_GENERATION -> device.configGeneration();
      // A reset of a queue takes no time, so QueueReset never reads 1 (2.6.1.1).
      default -> 0;
    };
  }

  /** 4.2.2: 0 if the queue is not there. */
  private long queueNumMax() {
    QueueRegisters queue = device.queue(queueSel);
    return queue == null ? 0 : queue.maxSize();
  }

  private long queueReady() {
    QueueRegisters queue = device.queue(queueSel);
    return queue != null && queue.enabled() ? 1 : 0;
  }

  /** Writes a register; writes to what is read-only or not there vanish. */
  void write(int register, long value) {
    switch (register) {
      case DEVICE_FEATURES_SEL -> deviceFeaturesSel = value;
      case DRIVER_FEATURES_SEL -> driverFeaturesSel = value;
      case DRIVER_FEATURES -> device.writeDriverFeatures(driverFeaturesSel, value);
      case QUEUE_SEL -> queueSel = value;
      case QUEUE_NOTIFY -> device.notifyByValue(value);
      case INTERRUPT_ACK -> pending.acknowledge(value);
      case STATUS -> device.writeStatus(LittleEndian.truncate(value, Byte.BYTES));
      case QUEUE_READY -> writeQueueReady(value);
      case QUEUE_RESET -> {
        if (value == 1) {
          device.resetQueue(queueSel);
        }
      }
      default -> writeQueue(register, value);
    }
  }

  /** 4.2.2.1: with QueueReady zero the device must not access the queue. */
  private void writeQueueReady(long value) {
    if (value == 1) {
      device.enableQueue(queueSel);
    } else if (value == 0) {
      device.disableQueue(queueSel);
    }
  }

  private void writeQueue(int register, long value) {
    QueueRegisters queue = device.queue(queueSel);
    if (queue == null) {
      return;
    }
    switch (register) {
      case QUEUE_NUM -> device.setQueueSize(queueSel, value);
      case QUEUE_DESC_LOW -> queue.setDescriptorTable(value, false);
      case QUEUE_DESC_HIGH -> queue.setDescriptorTable(value, true);
      case QUEUE_DRIVER_LOW -> queue.setDriverArea(value, false);
      case QUEUE_DRIVER_HIGH -> queue.setDriverArea(value, true);
      case QUEUE_DEVICE_LOW -> queue.setDeviceArea(value, false);
      case QUEUE_DEVICE_HIGH -> queue.setDeviceArea(value, true);
      default -> {
        // Read-only, or nothing is there.
      }
    }
  }

  void reset() {
    deviceFeaturesSel = 0;
    driverFeaturesSel = 0;
    queueSel = 0;
  }
}

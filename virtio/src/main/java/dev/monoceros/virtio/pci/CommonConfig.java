package dev.monoceros.virtio.pci;

import dev.monoceros.virtio.device.DeviceLifecycle;
import dev.monoceros.virtio.device.QueueRegisters;
import dev.monoceros.virtio.memory.LittleEndian;

/**
 * The common configuration structure (4.1.4.3):
 *
 * <pre>{@code
 * struct virtio_pci_common_cfg {
 *   le32 device_feature_select;  le32 device_feature;
 *   le32 driver_feature_select;  le32 driver_feature;
 *   le16 config_msix_vector;     le16 num_queues;
 *   u8 device_status;            u8 config_generation;
 *   le16 queue_select;           le16 queue_size;     le16 queue_msix_vector;
 *   le16 queue_enable;           le16 queue_notify_off;
 *   le64 queue_desc;             le64 queue_driver;   le64 queue_device;
 *   le16 queue_notif_config_data; le16 queue_reset;
 *   le16 admin_queue_index;      le16 admin_queue_num;
 * };
 * }</pre>
 *
 * <p>A driver must use each field's own width, and two 32-bit halves for 64-bit fields (4.1.3.1).
 * Reads of any other width are composed from the fields; writes that would tear a field are
 * ignored.
 */
final class CommonConfig {
  static final int LENGTH = 64;

  private static final int DEVICE_FEATURE_SELECT = 0;
  private static final int DEVICE_FEATURE = 4;
  private static final int DRIVER_FEATURE_SELECT = 8;
  private static final int DRIVER_FEATURE = 12;
  private static final int CONFIG_MSIX_VECTOR = 16;
  private static final int NUM_QUEUES = 18;
  private static final int DEVICE_STATUS = 20;
  private static final int CONFIG_GENERATION = 21;
  private static final int QUEUE_SELECT = 22;
  private static final int QUEUE_SIZE = 24;
  private static final int QUEUE_MSIX_VECTOR = 26;
  private static final int QUEUE_ENABLE = 28;
  private static final int QUEUE_NOTIFY_OFF = 30;
  private static final int QUEUE_DESC = 32;
  private static final int QUEUE_DESC_HIGH = 36;
  private static final int QUEUE_DRIVER = 40;
  private static final int QUEUE_DRIVER_HIGH = 44;
  private static final int QUEUE_DEVICE = 48;
  private static final int QUEUE_DEVICE_HIGH = 52;
  private static final int QUEUE_NOTIF_CONFIG_DATA = 56;
  private static final int QUEUE_RESET = 58;

  private static final int ENABLE = 1;

  private final DeviceLifecycle device;
  private final InterruptRouter interrupts;
  private long deviceFeatureSelect;
  private long driverFeatureSelect;
  private long queueSelect;

  CommonConfig(DeviceLifecycle device, InterruptRouter interrupts) {
    this.device = device;
    this.interrupts = interrupts;
  }

  long read(int offset, int size) {
    long value = 0;
    int taken = 0;
    while (taken < size) {
      int at = offset + taken;
      int field = fieldAt(at);
      int skip = at - field;
      value |= field(field) >>> (Byte.SIZE * skip) << (Byte.SIZE * taken);
      taken += width(field) - skip;
    }
    return LittleEndian.truncate(value, size);
  }

  void write(int offset, int size, long value) {
    int done = 0;
    while (done < size) {
      int field = fieldAt(offset + done);
      int width = width(field);
      if (field != offset + done || width > size - done) {
        return;
      }
      set(field, LittleEndian.truncate(value >>> (Byte.SIZE * done), width));
      done += width;
    }
  }

  /** Start of the field that holds the byte at {@code offset}; halves of 64-bit fields count. */
  private static int fieldAt(int offset) {
    return offset & -width(offset);
  }

  /** Width of the field, or half field, that holds the byte at {@code offset}. */
  private static int width(int offset) {
    if (offset == DEVICE_STATUS || offset == CONFIG_GENERATION) {
      return Byte.BYTES;
    }
    boolean address = offset >= QUEUE_DESC && offset < QUEUE_NOTIF_CONFIG_DATA;
    return offset < CONFIG_MSIX_VECTOR || address ? Integer.BYTES : Short.BYTES;
  }

  private long field(int field) {
    return switch (field) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect;
      case DEVICE_FEATURE -> device.offeredFeatures(deviceFeatureSelect);
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect;
      case DRIVER_FEATURE -> device.driverFeatures(driverFeatureSelect);
      case CONFIG_MSIX_VECTOR -> interrupts.configVector();
      case NUM_QUEUES -> device.queueCount();
      case DEVICE_STATUS -> device.status();
      case CONFIG_GENERATION -> device.configGeneration();
      case QUEUE_SELECT -> queueSelect;
      case QUEUE_MSIX_VECTOR -> interrupts.queueVector(queueSelect);
      default -> queueField(field, device.queue(queueSelect));
    };
  }

  /** A field of the selected queue; all of them are 0 for a queue that is not there (4.1.4.3.1). */
  private long queueField(int field, QueueRegisters queue) {
    if (queue == null) {
      return 0;
    }
    return switch (field) {
      case QUEUE_SIZE -> queue.size();
      case QUEUE_ENABLE -> queue.enabled() ? ENABLE : 0;
      case QUEUE_NOTIFY_OFF -> queueSelect;
      case QUEUE_DESC -> low(queue.descriptorTable());
      case QUEUE_DESC_HIGH -> high(queue.descriptorTable());
      case QUEUE_DRIVER -> low(queue.driverArea());
      case QUEUE_DRIVER_HIGH -> high(queue.driverArea());
      case QUEUE_DEVICE -> low(queue.deviceArea());
      case QUEUE_DEVICE_HIGH -> high(queue.deviceArea());
      default -> 0;
    };
  }

  private void set(int field, long value) {
    switch (field) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect = value;
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect = value;
      case DRIVER_FEATURE -> device.writeDriverFeatures(driverFeatureSelect, value);
      case CONFIG_MSIX_VECTOR -> interrupts.setConfigVector(value);
      case DEVICE_STATUS -> device.writeStatus(value);
      case QUEUE_SELECT -> queueSelect = value;
      case QUEUE_MSIX_VECTOR -> interrupts.setQueueVector(queueSelect, value);
      default -> setQueueField(field, value);
    }
  }

  private void setQueueField(int field, long value) {
    QueueRegisters queue = device.queue(queueSelect);
    if (queue == null) {
      return;
    }
    switch (field) {
      case QUEUE_SIZE -> device.setQueueSize(queueSelect, value);
      case QUEUE_ENABLE -> {
        // 4.1.4.3.2: a driver must not write 0 here; queue_reset is the way back.
        if (value == ENABLE) {
          device.enableQueue(queueSelect);
        }
      }
      case QUEUE_RESET -> {
        // Takes no time: queue_reset never reads 1 (4.1.4.3.1).
        if (value == ENABLE) {
          device.resetQueue(queueSelect);
        }
      }
      case QUEUE_DESC -> queue.setDescriptorTable(value, false);
      case QUEUE_DESC_HIGH -> queue.setDescriptorTable(value, true);
      case QUEUE_DRIVER -> queue.setDriverArea(value, false);
      case QUEUE_DRIVER_HIGH -> queue.setDriverArea(value, true);
      case QUEUE_DEVICE -> queue.setDeviceArea(value, false);
      case QUEUE_DEVICE_HIGH -> queue.setDeviceArea(value, true);
      default -> {
        // Read-only or reserved.
      }
    }
  }

  private static long low(long address) {
    return LittleEndian.truncate(address, Integer.BYTES);
  }

  private static long high(long address) {
    return address >>> Integer.SIZE;
  }

  void reset() {
    deviceFeatureSelect = 0;
    driverFeatureSelect = 0;
    queueSelect = 0;
  }
}

package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.mmio.VirtioMmioTransport;
import dev.monoceros.virtio.pci.VirtioPciTransport;

/**
 * A driver for either transport, as a guest has one: it negotiates, sets queues up and handles the
 * interrupt status. Every step is also there alone, so that a test can do them in the wrong order.
 */
public final class FakeDriver {
  // VIRTIO_PCI_COMMON_* of linux/virtio_pci.h
  public static final int DEVICE_FEATURE_SELECT = 0;
  public static final int DEVICE_FEATURE = 4;
  public static final int DRIVER_FEATURE_SELECT = 8;
  public static final int DRIVER_FEATURE = 12;
  public static final int MSIX_CONFIG = 16;
  public static final int NUM_QUEUES = 18;
  public static final int STATUS = 20;
  public static final int CONFIG_GENERATION = 21;
  public static final int QUEUE_SELECT = 22;
  public static final int QUEUE_SIZE = 24;
  public static final int QUEUE_MSIX_VECTOR = 26;
  public static final int QUEUE_ENABLE = 28;
  public static final int QUEUE_NOTIFY_OFF = 30;
  public static final int QUEUE_DESC_LOW = 32;
  public static final int QUEUE_DESC_HIGH = 36;
  public static final int QUEUE_AVAIL_LOW = 40;
  public static final int QUEUE_AVAIL_HIGH = 44;
  public static final int QUEUE_USED_LOW = 48;
  public static final int QUEUE_USED_HIGH = 52;
  public static final int QUEUE_RESET = 58;

  // VIRTIO_CONFIG_S_* of linux/virtio_config.h
  public static final int S_ACKNOWLEDGE = 1;
  public static final int S_DRIVER = 2;
  public static final int S_DRIVER_OK = 4;
  public static final int S_FEATURES_OK = 8;
  public static final int S_NEEDS_RESET = 64;

  // VIRTIO_F_* of linux/virtio_config.h
  private static final long F_RING_PACKED = 1L << 34;
  private static final long F_NOTIFICATION_DATA = 1L << 38;

  private final DriverTransport transport;
  private final GuestMemory memory;
  private long allocated;
  private long features;

  /** A driver for a transport without a machine; all of {@code memory} from its base is its own. */
  public FakeDriver(VirtioPciTransport transport, ByteGuestMemory memory) {
    this(DriverTransport.of(transport), memory, memory.base());
  }

  /** The same on memory-mapped registers. */
  public FakeDriver(VirtioMmioTransport transport, ByteGuestMemory memory) {
    this(DriverTransport.of(transport), memory, memory.base());
  }

  /**
   * A driver that reaches its PCI function through {@code registers}; it allocates from an address
   * up.
   */
  public FakeDriver(DeviceRegisters registers, GuestMemory memory, long firstFreeAddress) {
    this(new PciDriverTransport(registers), memory, firstFreeAddress);
  }

  /** A driver on any transport; it allocates from an address up. */
  public FakeDriver(DriverTransport transport, GuestMemory memory, long firstFreeAddress) {
    this.transport = transport;
    this.memory = memory;
    this.allocated = firstFreeAddress;
  }

  /** Guest RAM. */
  public GuestMemory memory() {
    return memory;
  }

  /** Takes {@code bytes} of RAM at an address that is a multiple of {@code alignment}. */
  public long allocate(long bytes, int alignment) {
    long address = Math.ceilDiv(allocated, alignment) * alignment;
    if (!memory.contains(address, bytes)) {
      throw new IllegalStateException("the driver has no " + bytes + " bytes of RAM left");
    }
    allocated = address + bytes;
    return address;
  }

  /** Reads a field of the common configuration. */
  public long readCommon(int field, int size) {
    return transport.readCommon(field, size);
  }

  /** Writes a field of the common configuration. */
  public void writeCommon(int field, int size, long value) {
    transport.writeCommon(field, size, value);
  }

  /** Reads the device configuration. */
  public long readConfig(int field, int size) {
    return transport.readConfig(field, size);
  }

  /** Writes the device configuration. */
  public void writeConfig(int field, int size, long value) {
    transport.writeConfig(field, size, value);
  }

  /** Reads the ISR status or the interrupt status, and clears it. */
  public int readIsr() {
    return transport.takeEvents();
  }

  /** The device status. */
  public int status() {
    return (int) readCommon(STATUS, Byte.BYTES);
  }

  /** Adds bits to the device status. */
  public void addStatus(int bits) {
    writeCommon(STATUS, Byte.BYTES, status() | bits);
  }

  /** Resets the device and waits until it says so, as a driver must. */
  public void reset() {
    writeCommon(STATUS, Byte.BYTES, 0);
    if (status() != 0) {
      throw new IllegalStateException("the device does not read back 0 after a reset");
    }
    features = 0;
  }

  /** The first 64 features that the device offers. */
  public long offered() {
    return feature(DEVICE_FEATURE_SELECT, DEVICE_FEATURE);
  }

  /** The first 64 features of the driver as the device reads them back. */
  public long driverFeatures() {
    return feature(DRIVER_FEATURE_SELECT, DRIVER_FEATURE);
  }

  private long feature(int select, int window) {
    writeCommon(select, Integer.BYTES, 0);
    long low = readCommon(window, Integer.BYTES);
    writeCommon(select, Integer.BYTES, 1);
    return low | readCommon(window, Integer.BYTES) << Integer.SIZE;
  }

  /** Writes the first 64 of the driver's features. */
  public void writeFeatures(long wanted) {
    writeCommon(DRIVER_FEATURE_SELECT, Integer.BYTES, 0);
    writeCommon(DRIVER_FEATURE, Integer.BYTES, wanted);
    writeCommon(DRIVER_FEATURE_SELECT, Integer.BYTES, 1);
    writeCommon(DRIVER_FEATURE, Integer.BYTES, wanted >>> Integer.SIZE);
    features = wanted;
  }

  /** Steps 1 to 6 of 3.1.1; whether the device accepted the features. */
  public boolean negotiate(long wanted) {
    reset();
    addStatus(S_ACKNOWLEDGE);
    addStatus(S_DRIVER);
    writeFeatures(wanted);
    addStatus(S_FEATURES_OK);
    return (status() & S_FEATURES_OK) != 0;
  }

  /** Sets split queue {@code index} up in fresh memory and enables it. */
  public DriverRing setUpQueue(int index, int size) {
    DriverRing ring = DriverRing.allocate(this, index, size, features);
    configureQueue(index, size, ring.descriptorTable(), ring.availRing(), ring.usedRing());
    return ring;
  }

  /** Sets packed queue {@code index} up in fresh memory and enables it. */
  public PackedDriverRing setUpPackedQueue(int index, int size) {
    PackedDriverRing ring = new PackedDriverRing(this, index, size);
    configureQueue(index, size, ring.ring(), ring.driverEvent(), ring.deviceEvent());
    return ring;
  }

  /** Sets queue {@code index} up, packed if that was negotiated, and enables it. */
  public DriverQueue setUp(int index, int size) {
    return (features & F_RING_PACKED) != 0
        ? setUpPackedQueue(index, size)
        : setUpQueue(index, size);
  }

  private void configureQueue(int index, int size, long desc, long driverArea, long deviceArea) {
    writeCommon(QUEUE_SELECT, Short.BYTES, index);
    writeCommon(QUEUE_SIZE, Short.BYTES, size);
    writeAddress(QUEUE_DESC_LOW, desc);
    writeAddress(QUEUE_AVAIL_LOW, driverArea);
    writeAddress(QUEUE_USED_LOW, deviceArea);
    writeCommon(QUEUE_ENABLE, Short.BYTES, 1);
  }

  private void writeAddress(int field, long address) {
    writeCommon(field, Integer.BYTES, address);
    writeCommon(field + Integer.BYTES, Integer.BYTES, address >>> Integer.SIZE);
  }

  /**
   * All of 3.1.1 with one queue of {@code size}.
   *
   * @throws IllegalStateException if the device refuses the features
   */
  public DriverRing start(long wanted, int size) {
    if (!negotiate(wanted)) {
      throw new IllegalStateException("the device refused features " + Long.toHexString(wanted));
    }
    DriverRing ring = setUpQueue(0, size);
    addStatus(S_DRIVER_OK);
    return ring;
  }

  /** Resets queue {@code index} alone (2.6.1) and waits until the device says so. */
  public void resetQueue(int index) {
    writeCommon(QUEUE_SELECT, Short.BYTES, index);
    writeCommon(QUEUE_RESET, Short.BYTES, 1);
    if (readCommon(QUEUE_RESET, Short.BYTES) != 0 || readCommon(QUEUE_ENABLE, Short.BYTES) != 0) {
      throw new IllegalStateException("the reset of queue " + index + " does not end");
    }
  }

  /** All of 3.1.1 with queues 0 to {@code queues} - 1 of {@code size}, split or packed. */
  public DriverQueue[] startQueues(long wanted, int queues, int size) {
    if (!negotiate(wanted)) {
      throw new IllegalStateException("the device refused features " + Long.toHexString(wanted));
    }
    DriverQueue[] rings = new DriverQueue[queues];
    for (int i = 0; i < queues; i++) {
      rings[i] = setUp(i, size);
    }
    addStatus(S_DRIVER_OK);
    return rings;
  }

  /** Notifies queue {@code index} as negotiated: with {@code next}, how far the driver has come. */
  void kick(int index, int next) {
    if ((features & F_NOTIFICATION_DATA) != 0) {
      transport.kick(index, next);
    } else {
      transport.kick(index);
    }
  }

  /** Notifies queue {@code index} through its notify register. */
  public void kick(int index) {
    transport.kick(index);
  }
}

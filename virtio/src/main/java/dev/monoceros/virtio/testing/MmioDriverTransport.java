package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.mmio.VirtioMmioTransport;

/**
 * A driver's way through the MMIO transport. Registers are accessed as 4.2.2.2 demands, in 32 bits;
 * 64-bit fields in halves.
 */
final class MmioDriverTransport implements DriverTransport {
  // VIRTIO_MMIO_* of linux/virtio_mmio.h
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int INTERRUPT_STATUS = 0x060;
  private static final int INTERRUPT_ACK = 0x064;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM_MAX = 0x034;
  private static final int CONFIG = 0x100;
  private static final int MOST_QUEUES = 65536;

  private final VirtioMmioTransport transport;

  MmioDriverTransport(VirtioMmioTransport transport) {
    this.transport = transport;
  }

  @Override
  public long readCommon(int field, int size) {
    if (field == FakeDriver.NUM_QUEUES) {
      return countQueues();
    }
    if (size == Long.BYTES) {
      return read(register(field, false)) | read(register(field + 4, false)) << Integer.SIZE;
    }
    return read(register(field, false));
  }

  /** The transport has no register for it: queues are counted by asking for their sizes. */
  private long countQueues() {
    int count = 0;
    for (boolean there = true; there && count < MOST_QUEUES; ) {
      write(QUEUE_SEL, count);
      there = read(QUEUE_NUM_MAX) != 0;
      count += there ? 1 : 0;
    }
    return count;
  }

  @Override
  public void writeCommon(int field, int size, long value) {
    write(register(field, true), value);
    if (size == Long.BYTES) {
      write(register(field + 4, true), value >>> Integer.SIZE);
    }
  }

  private static int register(int field, boolean write) {
    return switch (field) {
      case FakeDriver.DEVICE_FEATURE_SELECT -> 0x014;
      case FakeDriver.DEVICE_FEATURE -> 0x010;
      case FakeDriver.DRIVER_FEATURE_SELECT -> 0x024;
      case FakeDriver.DRIVER_FEATURE -> 0x020;
      case FakeDriver.STATUS -> 0x070;
      case FakeDriver.CONFIG_GENERATION -> 0x0fc;
      case FakeDriver.QUEUE_SELECT -> QUEUE_SEL;
      case FakeDriver.QUEUE_SIZE -> write ? 0x038 : QUEUE_NUM_MAX;
      case FakeDriver.QUEUE_ENABLE -> 0x044;
      case FakeDriver.QUEUE_RESET -> 0x0c0;
      case FakeDriver.QUEUE_DESC_LOW -> 0x080;
      case FakeDriver.QUEUE_DESC_HIGH -> 0x084;
      case FakeDriver.QUEUE_AVAIL_LOW -> 0x090;
      case FakeDriver.QUEUE_AVAIL_HIGH -> 0x094;
      case FakeDriver.QUEUE_USED_LOW -> 0x0a0;
      case FakeDriver.QUEUE_USED_HIGH -> 0x0a4;
      default -> throw new IllegalArgumentException("MMIO has no counterpart of field " + field);
    };
  }

  @Override
  public long readConfig(int field, int size) {
    return transport.read(CONFIG + field, size);
  }

  @Override
  public void writeConfig(int field, int size, long value) {
    transport.write(CONFIG + field, size, value);
  }

  @Override
  public int takeEvents() {
    long events = read(INTERRUPT_STATUS);
    write(INTERRUPT_ACK, events);
    return (int) events;
  }

  @Override
  public void kick(int index) {
    write(QUEUE_NOTIFY, index);
  }

  @Override
  public void kick(int index, int data) {
    write(QUEUE_NOTIFY, (long) data << Short.SIZE | index);
  }

  private long read(int register) {
    return transport.read(register, Integer.BYTES);
  }

  private void write(int register, long value) {
    transport.write(register, Integer.BYTES, value);
  }
}

package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.pci.PciCapability;
import java.util.Optional;

/** A driver's way through the modern PCI transport: it finds the structures by capabilities. */
final class PciDriverTransport implements DriverTransport {
  // VIRTIO_PCI_CAP_* of linux/virtio_pci.h
  private static final int CAP_CFG_TYPE = 3;
  private static final int CAP_BAR = 4;
  private static final int CAP_OFFSET = 8;
  private static final int CAP_NOTIFY_MULTIPLIER = 16;
  private static final int CAP_COMMON_CFG = 1;
  private static final int CAP_NOTIFY_CFG = 2;
  private static final int CAP_ISR_CFG = 3;
  private static final int CAP_DEVICE_CFG = 4;

  private final DeviceRegisters registers;
  private final PciCapability common;
  private final PciCapability isr;
  private final Optional<PciCapability> device;
  private final int notifyBar;
  private final long notifyBase;
  private final long notifyMultiplier;

  PciDriverTransport(DeviceRegisters registers) {
    this.registers = registers;
    this.common = require(CAP_COMMON_CFG);
    this.isr = require(CAP_ISR_CFG);
    this.device = find(CAP_DEVICE_CFG);
    PciCapability notify = require(CAP_NOTIFY_CFG);
    this.notifyBar = (int) notify.read(CAP_BAR, Byte.BYTES);
    this.notifyBase = notify.read(CAP_OFFSET, Integer.BYTES);
    this.notifyMultiplier = notify.read(CAP_NOTIFY_MULTIPLIER, Integer.BYTES);
  }

  private Optional<PciCapability> find(int type) {
    return registers.capabilities().stream()
        .filter(capability -> capability.read(CAP_CFG_TYPE, Byte.BYTES) == type)
        .findFirst();
  }

  private PciCapability require(int type) {
    return find(type)
        .orElseThrow(
            () -> new IllegalStateException("the device has no capability of type " + type));
  }

  @Override
  public long readCommon(int field, int size) {
    return read(common, field, size);
  }

  @Override
  public void writeCommon(int field, int size, long value) {
    write(common, field, size, value);
  }

  @Override
  public long readConfig(int field, int size) {
    return read(device.orElseThrow(), field, size);
  }

  @Override
  public void writeConfig(int field, int size, long value) {
    write(device.orElseThrow(), field, size, value);
  }

  @Override
  public int takeEvents() {
    return (int) read(isr, 0, Byte.BYTES);
  }

  @Override
  public void kick(int index) {
    registers.write(notifyBar, notifyBase + notifyMultiplier * index, Short.BYTES, index);
  }

  @Override
  public void kick(int index, int data) {
    registers.write(
        notifyBar,
        notifyBase + notifyMultiplier * index,
        Integer.BYTES,
        (long) data << Short.SIZE | index);
  }

  private long read(PciCapability where, int field, int size) {
    int bar = (int) where.read(CAP_BAR, Byte.BYTES);
    return registers.read(bar, where.read(CAP_OFFSET, Integer.BYTES) + field, size);
  }

  private void write(PciCapability where, int field, int size, long value) {
    int bar = (int) where.read(CAP_BAR, Byte.BYTES);
    registers.write(bar, where.read(CAP_OFFSET, Integer.BYTES) + field, size, value);
  }
}

package dev.monoceros.virtio.mmio;

import dev.monoceros.virtio.device.DeviceEvents;
import dev.monoceros.virtio.device.DeviceLifecycle;
import dev.monoceros.virtio.device.DeviceStatus;
import dev.monoceros.virtio.device.RegisterWindow;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.memory.LittleEndian;
import java.util.Optional;

/**
 * A virtio device behind a window of memory-mapped registers (4.2): control registers from 0x000,
 * device configuration from 0x100.
 *
 * <p>No access a guest can form is an error. Control registers know accesses of 32 bits at their
 * own offsets and no others (4.2.2.2): reads of other kinds give 0, writes vanish. All calls come
 * on the vCPU thread.
 */
public final class VirtioMmioTransport implements RegisterWindow {
  private static final int LEAST_WINDOW = 0x200;
  private static final int CONFIG = ControlRegisters.LENGTH;

  private final VirtioDevice device;
  private final DeviceLifecycle lifecycle;
  private final PendingEvents pending;
  private final ControlRegisters control;

  /** A window in its state after reset; {@code memory} is what the device reaches by DMA. */
  public VirtioMmioTransport(VirtioDevice device, GuestMemory memory, InterruptPin pin) {
    this.device = device;
    this.pending = new PendingEvents(pin);
    this.lifecycle = new DeviceLifecycle(device, memory, new Events());
    this.control = new ControlRegisters(device.deviceId(), lifecycle, pending);
  }

  /** Bytes of the window: a power of two, at least 512. */
  public int windowSize() {
    int needed = Math.max(LEAST_WINDOW, CONFIG + device.configLength());
    return Integer.highestOneBit(needed - 1) << 1;
  }

  @Override
  public long read(long offset, int size) {
    checkSize(size);
    if (offset >= CONFIG) {
      return offset < windowSize() ? device.readConfig(offset - CONFIG, size) : 0;
    }
    return isRegister(offset, size) ? control.read((int) offset) : 0;
  }

  @Override
  public void write(long offset, int size, long value) {
    checkSize(size);
    if (offset >= CONFIG) {
      if (offset < windowSize()) {
        device.writeConfig(offset - CONFIG, size, LittleEndian.truncate(value, size));
      }
    } else if (isRegister(offset, size)) {
      control.write((int) offset, LittleEndian.truncate(value, size));
    }
  }

  private static boolean isRegister(long offset, int size) {
    return size == Integer.BYTES && offset >= 0 && offset % Integer.BYTES == 0;
  }

  private static void checkSize(int size) {
    if (size < Byte.BYTES || size > Long.BYTES || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("no register access has " + size + " bytes");
    }
  }

  /** A reset of the machine: the window as constructed. */
  public void reset() {
    lifecycle.reset();
  }

  /** The device status field, a set of {@link DeviceStatus} bits. */
  public int status() {
    return lifecycle.status();
  }

  /** Why DEVICE_NEEDS_RESET is set, as one clause for the log; empty while it is not. */
  public Optional<String> resetReason() {
    return lifecycle.resetReason();
  }

  /** Notifications that came while the device or the queue was not live. */
  public long ignoredNotifications() {
    return lifecycle.ignoredNotifications();
  }

  /** What the lifecycle sends, on its way to the interrupt status. */
  private final class Events implements DeviceEvents {
    @Override
    public void usedBuffer(int index) {
      pending.add(PendingEvents.USED_BUFFER);
    }

    @Override
    public void configChange() {
      pending.add(PendingEvents.CONFIG_CHANGE);
    }

    @Override
    public void wasReset() {
      // 4.2.2.1: "Upon reset, the device MUST clear all bits in InterruptStatus".
      pending.clear();
      control.reset();
    }
  }
}

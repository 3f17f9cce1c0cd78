package dev.monoceros.virtio.pci;

import dev.monoceros.virtio.device.DeviceEvents;
import dev.monoceros.virtio.device.DeviceLifecycle;
import dev.monoceros.virtio.device.DeviceStatus;
import dev.monoceros.virtio.device.RegisterWindow;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.memory.LittleEndian;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A virtio device as a PCI function (4.1): its identity and capabilities for the machine's config
 * space, and the registers behind its one memory BAR.
 *
 * <table>
 * <caption>Layout of the BAR</caption>
 * <tr><th>offset</th><th>structure</th></tr>
 * <tr><td>0x0000</td><td>common configuration (4.1.4.3)</td></tr>
 * <tr><td>0x1000</td><td>ISR status (4.1.4.5)</td></tr>
 * <tr><td>0x2000</td><td>device configuration (4.1.4.6)</td></tr>
 * <tr><td>0x3000</td><td>notification, 4 bytes per queue (4.1.4.4)</td></tr>
 * </table>
 *
 * <p>No access a guest can form is an error: unused offsets read as 0 and ignore writes. All calls
 * come on the vCPU thread.
 */
public final class VirtioPciTransport implements RegisterWindow {
  private static final int BAR_INDEX = 0;
  private static final int BAR_SIZE = 0x4000;
  private static final int COMMON = 0x0000;
  private static final int ISR = 0x1000;
  private static final int DEVICE = 0x2000;
  private static final int NOTIFY = 0x3000;
  private static final int ISR_LENGTH = 1;
  private static final int NOTIFY_MULTIPLIER = 4;
  private static final int MAX_QUEUES = (BAR_SIZE - NOTIFY) / NOTIFY_MULTIPLIER;

  private final VirtioDevice device;
  private final PciIdentity identity;
  private final DeviceLifecycle lifecycle;
  private final InterruptRouter interrupts;
  private final CommonConfig common;
  private final PciCfgWindow window;
  private final List<PciCapability> capabilities;

  /** A function in its state after reset; {@code memory} is what the device reaches by DMA. */
  public VirtioPciTransport(VirtioDevice device, GuestMemory memory, InterruptSink sink) {
    if (device.queueCount() > MAX_QUEUES) {
      throw new IllegalArgumentException("at most " + MAX_QUEUES + " queues fit the BAR");
    }
    this.device = device;
    this.identity = PciIdentity.of(device);
    this.interrupts = new InterruptRouter(sink, device.queueCount());
    this.lifecycle = new DeviceLifecycle(device, memory, new Events());
    this.common = new CommonConfig(lifecycle, interrupts);
    this.window = new PciCfgWindow(this);
    this.capabilities = capabilityList();
  }

  private List<PciCapability> capabilityList() {
    int notifyLength = NOTIFY_MULTIPLIER * device.queueCount();
    List<PciCapability> list = new ArrayList<>();
    list.add(
        VirtioCapability.of(VirtioCapability.COMMON_CFG, BAR_INDEX, COMMON, CommonConfig.LENGTH));
    list.add(VirtioCapability.notification(BAR_INDEX, NOTIFY, notifyLength, NOTIFY_MULTIPLIER));
    list.add(VirtioCapability.of(VirtioCapability.ISR_CFG, BAR_INDEX, ISR, ISR_LENGTH));
    if (device.configLength() > 0) {
      // 4.1.4.6.1: for devices that have a configuration of their own; Linux refuses an empty one.
      list.add(
          VirtioCapability.of(
              VirtioCapability.DEVICE_CFG, BAR_INDEX, DEVICE, device.configLength()));
    }
    list.add(window);
    return Collections.unmodifiableList(list);
  }

  /** The constant fields of the configuration header. */
  public PciIdentity identity() {
    return identity;
  }

  /** Virtio's capabilities, in the order the list should have (4.1.4.1: the best first). */
  public List<PciCapability> capabilities() {
    return capabilities;
  }

  /** Which BAR the registers are behind: a memory BAR, not prefetchable. */
  public int barIndex() {
    return BAR_INDEX;
  }

  /** Size of that BAR in bytes, a power of two. */
  public int barSize() {
    return BAR_SIZE;
  }

  @Override
  public long read(long offset, int size) {
    checkSize(size);
    if (within(offset, size, COMMON, CommonConfig.LENGTH)) {
      return common.read((int) offset - COMMON, size);
    }
    if (offset == ISR) {
      return interrupts.readIsr();
    }
    if (offset >= DEVICE && offset < NOTIFY) {
      return device.readConfig(offset - DEVICE, size);
    }
    return 0;
  }

  @Override
  public void write(long offset, int size, long value) {
    checkSize(size);
    if (offset >= NOTIFY && offset < BAR_SIZE) {
      // The address alone tells the queue: queue_notify_off is the queue's number (4.1.5.2).
      lifecycle.notifyQueue((offset - NOTIFY) / NOTIFY_MULTIPLIER);
    } else if (within(offset, size, COMMON, CommonConfig.LENGTH)) {
      common.write((int) offset - COMMON, size, LittleEndian.truncate(value, size));
    } else if (offset >= DEVICE && offset < NOTIFY) {
      device.writeConfig(offset - DEVICE, size, LittleEndian.truncate(value, size));
    }
  }

  private static void checkSize(int size) {
    if (size < Byte.BYTES || size > Long.BYTES || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("no register access has " + size + " bytes");
    }
  }

  private static boolean within(long offset, int size, int start, int length) {
    return offset >= start && offset <= start + length - size;
  }

  /** Whether the PCI status register's interrupt bit is set: the OR of the ISR bits (4.1.5.3). */
  public boolean interruptPending() {
    return interrupts.pending();
  }

  /** The machine has switched MSI-X on or off; INTx is driven only while it is off. */
  public void msixToggled() {
    interrupts.updateIntx();
  }

  /**
   * What the bus master bit of the function's command register says (PCI 3.0, 6.2.2); on until told
   * otherwise. While it is off the device reads and writes no guest memory: notifications are
   * remembered and completions wait. Messages are the machine's to hold back.
   */
  public void setBusMaster(boolean on) {
    lifecycle.setMemoryAccess(on);
  }

  /** A reset of the bus or the machine: the function as constructed, its PCI_CFG window too. */
  public void reset() {
    window.reset();
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

  /** What the lifecycle sends, on its way to the interrupt router. */
  private final class Events implements DeviceEvents {
    @Override
    public void usedBuffer(int index) {
      interrupts.usedBuffer(index);
    }

    @Override
    public void configChange() {
      interrupts.configChange();
    }

    @Override
    public void wasReset() {
      interrupts.reset();
      common.reset();
    }
  }
}

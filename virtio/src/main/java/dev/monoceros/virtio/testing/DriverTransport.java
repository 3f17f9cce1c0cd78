package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.mmio.VirtioMmioTransport;
import dev.monoceros.virtio.pci.VirtioPciTransport;

/**
 * What a driver asks of any transport. Fields of the common configuration go by the numbers that
 * they have on PCI ({@link FakeDriver#STATUS} and its neighbours).
 */
public interface DriverTransport {
  /** Reads a field of the common configuration. */
  long readCommon(int field, int size);

  /** Writes a field of the common configuration. */
  void writeCommon(int field, int size, long value);

  /** Reads the device configuration. */
  long readConfig(int field, int size);

  /** Writes the device configuration. */
  void writeConfig(int field, int size, long value);

  /** Reads what has happened, bit 0 a used buffer, bit 1 a configuration change, and clears it. */
  int takeEvents();

  /** Notifies queue {@code index}. */
  void kick(int index);

  /** Notifies queue {@code index} with {@code data} in the upper 16 bits (2.9). */
  void kick(int index, int data);

  /** A PCI function without a machine around it. */
  static DriverTransport of(VirtioPciTransport transport) {
    return new PciDriverTransport(DeviceRegisters.of(transport));
  }

  /** A window of memory-mapped registers without a machine around it. */
  static DriverTransport of(VirtioMmioTransport transport) {
    return new MmioDriverTransport(transport);
  }
}

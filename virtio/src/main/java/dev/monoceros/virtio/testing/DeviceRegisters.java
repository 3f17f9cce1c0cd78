package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import java.util.List;

/**
 * How a driver reaches a function: its capability list and its BAR. Straight into a transport, or
 * through a machine's buses if the test implements it so.
 */
public interface DeviceRegisters {

  /** The function's vendor-specific capabilities, in list order. */
  List<PciCapability> capabilities();

  /** Reads {@code size} bytes at {@code offset} of BAR {@code bar}. */
  long read(int bar, long offset, int size);

  /** Writes the low {@code size} bytes of {@code value} at {@code offset} of BAR {@code bar}. */
  void write(int bar, long offset, int size, long value);

  /** The registers of a transport without a machine around it. */
  static DeviceRegisters of(VirtioPciTransport transport) {
    return new DeviceRegisters() {
      @Override
      public List<PciCapability> capabilities() {
        return transport.capabilities();
      }

      @Override
      public long read(int bar, long offset, int size) {
        return bar == transport.barIndex() ? transport.read(offset, size) : 0;
      }

      @Override
      public void write(int bar, long offset, int size, long value) {
        if (bar == transport.barIndex()) {
          transport.write(offset, size, value);
        }
      }
    };
  }
}

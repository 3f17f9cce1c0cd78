package dev.monoceros.machine.virtio;

import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.testing.DeviceRegisters;
import java.util.ArrayList;
import java.util.List;

/** A function's registers as a driver reaches them: by config space and the memory bus. */
record BusRegisters(PciRig rig) implements DeviceRegisters {
  private static final int VENDOR_SPECIFIC = 9;

  @Override
  public List<PciCapability> capabilities() {
    List<PciCapability> found = new ArrayList<>();
    for (int at : rig.capabilityOffsets()) {
      if (rig.config(at, 1) == VENDOR_SPECIFIC) {
        found.add(new Listed(rig, at));
      }
    }
    return found;
  }

  @Override
  public long read(int bar, long offset, int size) {
    return rig.mmio.read(rig.barAddress(bar) + offset, size);
  }

  @Override
  public void write(int bar, long offset, int size, long value) {
    rig.mmio.write(rig.barAddress(bar) + offset, size, value);
  }

  /** A capability in the list. */
  record Listed(PciRig rig, int at) implements PciCapability {
    private static final int CAP_LEN = 2;

    @Override
    public int id() {
      return (int) rig.config(at, 1);
    }

    @Override
    public int length() {
      return (int) rig.config(at + CAP_LEN, 1);
    }

    @Override
    public long read(int offset, int size) {
      return rig.config(at + offset, size);
    }

    @Override
    public void write(int offset, int size, long value) {
      rig.setConfig(at + offset, size, value);
    }
  }
}

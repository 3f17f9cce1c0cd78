package dev.monoceros.machine.virtio;

import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.testing.DeviceRegisters;
import java.util.List;

/** A driver that maps no BAR: every register access goes through the PCI_CFG window (4.1.4.9). */
record WindowRegisters(PciRig rig, int window) implements DeviceRegisters {
  private static final int BAR = 4;
  private static final int OFFSET = 8;
  private static final int LENGTH = 12;
  private static final int DATA = 16;
  private static final int PCI_CFG = 5;

  static WindowRegisters of(PciRig rig) {
    return new WindowRegisters(rig, ((BusRegisters.Listed) rig.structure(PCI_CFG)).at());
  }

  @Override
  public List<PciCapability> capabilities() {
    return rig.registers().capabilities();
  }

  @Override
  public long read(int bar, long offset, int size) {
    aim(bar, offset, size);
    return rig.config(window + DATA, size);
  }

  @Override
  public void write(int bar, long offset, int size, long value) {
    aim(bar, offset, size);
    rig.setConfig(window + DATA, size, value);
  }

  /** Where the next access to the data field goes. */
  void aim(int bar, long offset, int length) {
    rig.setConfig(window + BAR, 1, bar);
    rig.setConfig(window + OFFSET, 4, offset);
    rig.setConfig(window + LENGTH, 4, length);
  }

  /** The data field itself. */
  long data() {
    return rig.config(window + DATA, 4);
  }
}

package dev.monoceros.virtio;

/** What lies between driver and device: every transport with every format of the rings. */
public enum Wiring {
  PCI_SPLIT(Bus.PCI, RingFormat.SPLIT),
  PCI_PACKED(Bus.PCI, RingFormat.PACKED),
  MMIO_SPLIT(Bus.MMIO, RingFormat.SPLIT),
  MMIO_PACKED(Bus.MMIO, RingFormat.PACKED);

  private final Bus bus;
  private final RingFormat format;

  Wiring(Bus bus, RingFormat format) {
    this.bus = bus;
    this.format = format;
  }

  public Bus bus() {
    return bus;
  }

  public RingFormat format() {
    return format;
  }
}

package dev.monoceros.virtio;

/** The transports that a rig can put between driver and device. */
public enum Bus {
  PCI,
  MMIO
}

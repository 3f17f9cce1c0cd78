/**
 * The device side of virtio: virtqueues, the modern PCI and the MMIO transport, the block device
 * and the entropy device. It knows guest memory, virtual time, interrupts and storage only through
 * the ports in these packages.
 */
module dev.monoceros.virtio {
  exports dev.monoceros.virtio.blk;
  exports dev.monoceros.virtio.device;
  exports dev.monoceros.virtio.memory;
  exports dev.monoceros.virtio.mmio;
  exports dev.monoceros.virtio.pci;
  exports dev.monoceros.virtio.queue;
  exports dev.monoceros.virtio.rng;
  exports dev.monoceros.virtio.testing;
}

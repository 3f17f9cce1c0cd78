/** The device side of virtio: virtqueues, the modern PCI transport and the block device. */
module dev.monoceros.virtio {}

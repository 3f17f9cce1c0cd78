/**
 * The modern PCI transport (virtio 1.2, 4.1) as plain Java: {@link
 * dev.monoceros.virtio.pci.VirtioPciTransport} is the register file behind one memory BAR plus the
 * capability list; the machine supplies config space, BAR placement and the interrupt controller.
 */
package dev.monoceros.virtio.pci;

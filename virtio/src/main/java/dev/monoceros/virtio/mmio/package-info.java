/**
 * The MMIO transport (virtio 1.2, 4.2), version 2 registers only: {@link
 * dev.monoceros.virtio.mmio.VirtioMmioTransport} is a window of registers and an interrupt pin; the
 * machine says where the window is and tells the guest (4.2.1: there is no discovery).
 */
package dev.monoceros.virtio.mmio;

/**
 * PCI without bridges: configuration mechanism 1, functions made from an identity, BARs and
 * capabilities, and INTx (PCI Local Bus Specification 3.0).
 *
 * <p>Start at {@link dev.monoceros.machine.pci.PciBus}; a device is built with {@link
 * dev.monoceros.machine.pci.PciFunction#builder}. There is no firmware: BARs have their addresses
 * before the first instruction of the guest.
 */
package dev.monoceros.machine.pci;

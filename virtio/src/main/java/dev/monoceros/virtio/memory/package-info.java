/**
 * Guest physical memory as a device sees it. Start at {@link
 * dev.monoceros.virtio.memory.GuestMemory}; the machine implements it.
 */
package dev.monoceros.virtio.memory;

/** Virtio devices on the machine's buses, whatever their kind; and the entropy device. */
package dev.monoceros.machine.virtio;

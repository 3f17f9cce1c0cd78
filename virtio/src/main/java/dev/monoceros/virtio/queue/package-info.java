/**
 * Virtqueues, device side (virtio 1.2, 2.6 to 2.8). Start at {@link
 * dev.monoceros.virtio.queue.Virtqueue}: it yields {@link
 * dev.monoceros.virtio.queue.DescriptorChain}s and takes them back as used.
 */
package dev.monoceros.virtio.queue;

/**
 * The block device (virtio 1.2, 5.2). {@link dev.monoceros.virtio.blk.VirtioBlock} takes chains
 * from its queues, parses each once into a {@link dev.monoceros.virtio.blk.BlkRequest}, executes it
 * on a {@link dev.monoceros.virtio.blk.BlockBackend} and publishes the result at the virtual time
 * that its {@link dev.monoceros.virtio.blk.LatencyModel} says.
 */
package dev.monoceros.virtio.blk;

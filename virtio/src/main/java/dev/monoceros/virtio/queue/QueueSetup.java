package dev.monoceros.virtio.queue;

/**
 * How the driver configured one queue and what was negotiated for it.
 *
 * @param index number of the queue in its device
 * @param size number of descriptors up to 32768, a power of two if split and the driver keeps to
 *     2.7
 * @param descriptorTable guest physical address of the descriptor table or ring
 * @param driverArea guest physical address of the available ring or the driver event suppression
 * @param deviceArea guest physical address of the used ring or the device event suppression
 * @param maxChainLength most descriptors the device takes in one chain, direct and indirect
 * @param packed whether VIRTIO_F_RING_PACKED was negotiated
 * @param indirect whether VIRTIO_F_INDIRECT_DESC was negotiated
 * @param eventIndex whether VIRTIO_F_EVENT_IDX was negotiated
 */
public record QueueSetup(
    int index,
    int size,
    long descriptorTable,
    long driverArea,
    long deviceArea,
    int maxChainLength,
    boolean packed,
    boolean indirect,
    boolean eventIndex) {}

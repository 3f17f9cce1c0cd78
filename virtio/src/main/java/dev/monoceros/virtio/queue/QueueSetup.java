package dev.monoceros.virtio.queue;

/**
 * How the driver configured one split queue and what was negotiated for it.
 *
 * @param index number of the queue in its device
 * @param size number of descriptors, a power of two up to 32768 if the driver keeps to 2.7
 * @param descriptorTable guest physical address of the descriptor table
 * @param driverArea guest physical address of the available ring
 * @param deviceArea guest physical address of the used ring
 * @param maxChainLength most descriptors the device takes in one chain, direct and indirect
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
    boolean indirect,
    boolean eventIndex) {}

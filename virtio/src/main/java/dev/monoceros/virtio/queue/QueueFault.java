package dev.monoceros.virtio.queue;

/**
 * What is wrong with a queue as a whole. No chain of it can be trusted any more, so the device sets
 * DEVICE_NEEDS_RESET (2.1.2) and takes nothing more from the queue.
 */
public enum QueueFault {
  /** The queue size is zero, too large or, if split, not a power of two (2.7, 2.8.10.1). */
  BAD_SIZE("its size is not one that a queue can have"),
  /** An area not aligned as 2.7 or 2.8 demands. */
  MISALIGNED_RING("its rings are not aligned"),
  /** An area not all RAM. */
  RING_OUTSIDE_RAM("its rings are not in RAM"),
  /** The available index is ahead by more than the queue size (2.7.13.3). */
  AVAIL_INDEX_JUMP("its available index jumped by more than the queue size"),
  /** The available ring names a descriptor beyond the table. */
  HEAD_OUT_OF_RANGE("its available ring names a descriptor outside the table"),
  /** The available ring offers a head again that the device has not given back. */
  HEAD_IN_FLIGHT("its available ring offers a chain that is still in flight"),
  /** A packed ring offers more descriptors than it has free (2.8.13). */
  RING_OVERRUN("its packed ring offers descriptors that are still in flight"),
  /** A chain of a packed ring goes on to a descriptor that is not available (2.8.14). */
  CHAIN_NOT_AVAILABLE("a chain of its packed ring goes on to a descriptor not made available");

  private final String sentence;

  QueueFault(String sentence) {
    this.sentence = sentence;
  }

  /** The fault in one clause, to follow the name of the queue. */
  public String sentence() {
    return sentence;
  }
}

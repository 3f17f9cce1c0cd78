package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.queue.DescriptorChain;
import dev.monoceros.virtio.queue.Virtqueue;

/** A live request queue with its pool of requests, one per head. */
final class BlkQueue {
  private final Virtqueue ring;
  private final GuestMemory memory;
  private final BlkRequest[] requests;
  private boolean stalled;

  BlkQueue(Virtqueue ring, GuestMemory memory) {
    this.ring = ring;
    this.memory = memory;
    this.requests = new BlkRequest[ring.size()];
  }

  Virtqueue ring() {
    return ring;
  }

  /** The pooled request for a chain: free, since a head is in flight at most once. */
  BlkRequest requestFor(DescriptorChain chain) {
    int head = chain.head();
    if (requests[head] == null) {
      requests[head] = new BlkRequest(this, memory);
    }
    return requests[head];
  }

  /** Whether chains were left in the ring because the device was full. */
  boolean stalled() {
    return stalled;
  }

  void setStalled(boolean now) {
    stalled = now;
  }
}

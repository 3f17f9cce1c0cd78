package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.queue.DescriptorChain;
import dev.monoceros.virtio.queue.Virtqueue;

/** A live request queue with its pool of requests, one per chain in flight. */
final class BlkQueue {
  private final Virtqueue ring;
  private final GuestBuffers data;
  private final BlkRanges ranges = new BlkRanges();
  private final BlkRequest[] requests;
  private boolean stalled;
  private long lastDue;

  BlkQueue(Virtqueue ring, GuestMemory memory) {
    this.ring = ring;
    this.data = new GuestBuffers(memory);
    this.requests = new BlkRequest[ring.size()];
  }

  Virtqueue ring() {
    return ring;
  }

  /** The pooled request for a chain: free, since no two chains in flight share a slot. */
  BlkRequest requestFor(DescriptorChain chain) {
    int slot = chain.slot();
    if (requests[slot] == null) {
      requests[slot] = new BlkRequest(this, data, ranges);
    }
    return requests[slot];
  }

  /**
   * IN_ORDER (2.7.11, 2.8.12): when a request that would complete at {@code due} may complete, in
   * ring order.
   */
  long inOrder(long due) {
    lastDue = Math.max(lastDue, due);
    return lastDue;
  }

  /** Whether chains were left in the ring because the device was full. */
  boolean stalled() {
    return stalled;
  }

  void setStalled(boolean now) {
    stalled = now;
  }
}

package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;

/**
 * Follows one chain of a packed virtqueue: consecutive descriptors of the ring, or one that refers
 * to an indirect table (2.8.6, 2.8.7). However broken the chain is, it is followed to its last
 * descriptor, whose buffer ID is what the driver knows it by; only a chain that has no end among
 * the available descriptors makes the queue unusable.
 */
final class PackedChainWalker {
  private final GuestMemory memory;
  private final QueueSetup setup;
  private final RingPosition at;
  private QueueFault fault;

  PackedChainWalker(GuestMemory memory, QueueSetup setup) {
    this.memory = memory;
    this.setup = setup;
    this.at = new RingPosition(setup.size());
  }

  /**
   * Copies the chain that begins at {@code start} into {@code chain} and identifies it.
   *
   * @param free how many descriptors of the ring are not in flight
   * @return null, or what makes the whole queue unusable
   */
  QueueFault walk(DescriptorChain chain, RingPosition start, int free) {
    chain.begin();
    at.copyFrom(start);
    fault = null;
    int taken = 0;
    boolean more = true;
    while (more) {
      if (taken == free) {
        return QueueFault.RING_OVERRUN;
      }
      more = step(chain, taken);
      if (fault != null) {
        return fault;
      }
      taken++;
    }
    chain.checkLength();
    return null;
  }

  /** Looks at one descriptor of the ring; whether there is another. */
  private boolean step(DescriptorChain chain, int taken) {
    long descriptor = setup.descriptorTable() + (long) PackedLayout.DESC_SIZE * at.offset();
    int flags = memory.u16(descriptor + PackedLayout.DESC_FLAGS);
    if (!PackedLayout.isAvailable(flags, at.wrap())) {
      // 2.8.21: the driver makes all of a chain available before its first descriptor.
      fault = QueueFault.CHAIN_NOT_AVAILABLE;
      return false;
    }
    long address = memory.u64(descriptor + PackedLayout.DESC_ADDR);
    long length = memory.u32(descriptor + PackedLayout.DESC_LEN);
    boolean next = (flags & PackedLayout.DESC_F_NEXT) != 0;
    if ((flags & PackedLayout.DESC_F_INDIRECT) != 0) {
      indirect(chain, address, length, next || taken > 0);
    } else if (taken >= setup.maxChainLength()) {
      chain.breakOff(ChainFault.TOO_LONG);
    } else {
      chain.addBuffer(address, length, (flags & PackedLayout.DESC_F_WRITE) != 0);
    }
    if (!next) {
      // 2.8.6: the buffer ID is that of the last descriptor of the list.
      chain.identify(memory.u16(descriptor + PackedLayout.DESC_ID), taken + 1);
    }
    at.advance(1);
    return next;
  }

  /** 2.8.7: all entries of the table belong to the buffer; of their flags only WRITE counts. */
  private void indirect(DescriptorChain chain, long address, long length, boolean inList) {
    ChainFault refused = refuseIndirect(address, length, inList);
    if (refused != null) {
      chain.breakOff(refused);
      return;
    }
    long entries = length / PackedLayout.DESC_SIZE;
    if (entries > setup.maxChainLength()) {
      chain.breakOff(ChainFault.TOO_LONG);
      return;
    }
    for (long i = 0; i < entries; i++) {
      long descriptor = address + PackedLayout.DESC_SIZE * i;
      int flags = memory.u16(descriptor + PackedLayout.DESC_FLAGS);
      chain.addBuffer(
          memory.u64(descriptor + PackedLayout.DESC_ADDR),
          memory.u32(descriptor + PackedLayout.DESC_LEN),
          (flags & PackedLayout.DESC_F_WRITE) != 0);
    }
  }

  private ChainFault refuseIndirect(long address, long length, boolean inList) {
    if (!setup.indirect()) {
      return ChainFault.INDIRECT_NOT_NEGOTIATED;
    }
    if (inList) {
      return ChainFault.INDIRECT_WITH_NEXT;
    }
    boolean whole = length > 0 && length % PackedLayout.DESC_SIZE == 0;
    return whole && memory.contains(address, length) ? null : ChainFault.BAD_INDIRECT_TABLE;
  }
}

package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;

/**
 * Follows one chain of a split virtqueue through the table and at most one indirect table. The
 * number of steps is bounded by the tables' sizes and by the queue's limit, whatever the guest
 * wrote.
 */
final class SplitChainWalker {
  private final GuestMemory memory;
  private final QueueSetup setup;

  // Where the walk is: the table it is in, the next index, and how far it has come.
  private long table;
  private long tableSize;
  private long index;
  private boolean indirect;
  private int stepsInTable;
  private int descriptors;

  SplitChainWalker(GuestMemory memory, QueueSetup setup) {
    this.memory = memory;
    this.setup = setup;
  }

  void walk(DescriptorChain chain) {
    chain.begin();
    enter(setup.descriptorTable(), setup.size(), chain.id());
    indirect = false;
    descriptors = 0;
    while (step(chain)) {
      // One descriptor at a time.
    }
    chain.checkLength();
  }

  private void enter(long newTable, long size, long first) {
    table = newTable;
    tableSize = size;
    index = first;
    stepsInTable = 0;
  }

  /** Looks at one descriptor; whether there is another. */
  private boolean step(DescriptorChain chain) {
    if (index >= tableSize) {
      chain.breakOff(ChainFault.INDEX_OUT_OF_RANGE);
      return false;
    }
    if (stepsInTable++ == tableSize) {
      chain.breakOff(ChainFault.LOOP);
      return false;
    }
    long descriptor = table + SplitLayout.DESC_SIZE * index;
    long address = memory.u64(descriptor + SplitLayout.DESC_ADDR);
    long length = memory.u32(descriptor + SplitLayout.DESC_LEN);
    int flags = memory.u16(descriptor + SplitLayout.DESC_FLAGS);
    if ((flags & SplitLayout.DESC_F_INDIRECT) != 0) {
      return enterIndirect(chain, address, length, flags);
    }
    if (descriptors++ == setup.maxChainLength()) {
      chain.breakOff(ChainFault.TOO_LONG);
      return false;
    }
    chain.addBuffer(address, length, (flags & SplitLayout.DESC_F_WRITE) != 0);
    index = memory.u16(descriptor + SplitLayout.DESC_NEXT);
    return (flags & SplitLayout.DESC_F_NEXT) != 0;
  }

  /** 2.7.5.3.2: the WRITE flag of a descriptor that refers to an indirect table is ignored. */
  private boolean enterIndirect(DescriptorChain chain, long address, long length, int flags) {
    ChainFault refused = refuseIndirect(address, length, flags);
    if (refused != null) {
      chain.breakOff(refused);
      return false;
    }
    enter(address, length / SplitLayout.DESC_SIZE, 0);
    indirect = true;
    return true;
  }

  private ChainFault refuseIndirect(long address, long length, int flags) {
    if (!setup.indirect()) {
      return ChainFault.INDIRECT_NOT_NEGOTIATED;
    }
    if (indirect) {
      return ChainFault.NESTED_INDIRECT;
    }
    if ((flags & SplitLayout.DESC_F_NEXT) != 0) {
      return ChainFault.INDIRECT_WITH_NEXT;
    }
    boolean whole = length > 0 && length % SplitLayout.DESC_SIZE == 0;
    return whole && memory.contains(address, length) ? null : ChainFault.BAD_INDIRECT_TABLE;
  }
}

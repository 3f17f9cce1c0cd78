package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;

/**
 * Follows one chain of descriptors through the table and at most one indirect table. The number of
 * steps is bounded by the tables' sizes and by the queue's limit, whatever the guest wrote.
 */
final class ChainWalker {
  private static final long MAX_CHAIN_BYTES = 0xFFFF_FFFFL;

  private final GuestMemory memory;
  private final QueueSetup setup;

  ChainWalker(GuestMemory memory, QueueSetup setup) {
    this.memory = memory;
    this.setup = setup;
  }

  void walk(DescriptorChain chain) {
    chain.begin();
    long table = setup.descriptorTable();
    long tableSize = setup.size();
    boolean indirect = false;
    long index = chain.head();
    int stepsInTable = 0;
    int descriptors = 0;
    while (true) {
      if (index >= tableSize) {
        chain.breakOff(ChainFault.INDEX_OUT_OF_RANGE);
        return;
      }
      if (stepsInTable++ == tableSize) {
        chain.breakOff(ChainFault.LOOP);
        return;
      }
      long descriptor = table + SplitLayout.DESC_SIZE * index;
      int flags = memory.u16(descriptor + SplitLayout.DESC_FLAGS);
      if ((flags & SplitLayout.DESC_F_INDIRECT) != 0) {
        // 2.7.5.3.2: the WRITE flag of a descriptor that refers to an indirect table is ignored.
        ChainFault refused = refuseIndirect(descriptor, flags, indirect);
        if (refused != null) {
          chain.breakOff(refused);
          return;
        }
        indirect = true;
        table = memory.u64(descriptor + SplitLayout.DESC_ADDR);
        tableSize = memory.u32(descriptor + SplitLayout.DESC_LEN) / SplitLayout.DESC_SIZE;
        index = 0;
        stepsInTable = 0;
        continue;
      }
      if (descriptors++ == setup.maxChainLength()) {
        chain.breakOff(ChainFault.TOO_LONG);
        return;
      }
      chain.addBuffer(
          memory.u64(descriptor + SplitLayout.DESC_ADDR),
          memory.u32(descriptor + SplitLayout.DESC_LEN),
          (flags & SplitLayout.DESC_F_WRITE) != 0);
      if ((flags & SplitLayout.DESC_F_NEXT) == 0) {
        break;
      }
      index = memory.u16(descriptor + SplitLayout.DESC_NEXT);
    }
    if (chain.readableBytes() + chain.writableBytes() > MAX_CHAIN_BYTES) {
      chain.noteFault(ChainFault.TOO_LONG);
    }
  }

  private ChainFault refuseIndirect(long descriptor, int flags, boolean inIndirectTable) {
    if (!setup.indirect()) {
      return ChainFault.INDIRECT_NOT_NEGOTIATED;
    }
    if (inIndirectTable) {
      return ChainFault.NESTED_INDIRECT;
    }
    if ((flags & SplitLayout.DESC_F_NEXT) != 0) {
      return ChainFault.INDIRECT_WITH_NEXT;
    }
    long address = memory.u64(descriptor + SplitLayout.DESC_ADDR);
    long length = memory.u32(descriptor + SplitLayout.DESC_LEN);
    if (length == 0 || length % SplitLayout.DESC_SIZE != 0 || !memory.contains(address, length)) {
      return ChainFault.BAD_INDIRECT_TABLE;
    }
    return null;
  }
}

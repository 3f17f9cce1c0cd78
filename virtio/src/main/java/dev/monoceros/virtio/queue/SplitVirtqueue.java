package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;
import java.util.Optional;

/** A split virtqueue (2.7). The fields of its rings are named in {@link SplitLayout}. */
final class SplitVirtqueue implements Virtqueue {
  private final GuestMemory memory;
  private final QueueSetup setup;
  private final SplitChainWalker walker;
  private final int mask;

  /**
   * By head, which is the slot: a head is in flight at most once, so this pool can neither run out
   * nor grow.
   */
  private final DescriptorChain[] chains;

  private final Segments.Pool segments = new Segments.Pool();

  /** Free-running 16-bit indices: next entry to take, the driver's index as last read. */
  private int nextAvail;

  private int availIndex;

  /** Free-running 16-bit indices: next entry to fill, its value at the last interrupt decision. */
  private int nextUsed;

  private int signalledUsed;
  private int inFlight;
  private QueueFault fault;

  SplitVirtqueue(GuestMemory memory, QueueSetup setup) {
    this.memory = memory;
    this.setup = setup;
    this.walker = new SplitChainWalker(memory, setup);
    this.fault = SplitLayout.check(memory, setup);
    this.mask = setup.size() - 1;
    this.chains = new DescriptorChain[fault == null ? setup.size() : 0];
  }

  @Override
  public int index() {
    return setup.index();
  }

  @Override
  public int size() {
    return setup.size();
  }

  @Override
  public DescriptorChain poll() {
    if (fault != null || (nextAvail == availIndex && !refreshAvail())) {
      return null;
    }
    long entry = SplitLayout.AVAIL_RING + (long) SplitLayout.AVAIL_ENTRY_SIZE * (nextAvail & mask);
    int head = memory.u16(setup.driverArea() + entry);
    if (head >= setup.size()) {
      fault = QueueFault.HEAD_OUT_OF_RANGE;
      return null;
    }
    DescriptorChain chain = chains[head];
    if (chain == null) {
      chain = new DescriptorChain(memory, head, segments);
      chains[head] = chain;
    } else if (chain.inFlight()) {
      fault = QueueFault.HEAD_IN_FLIGHT;
      return null;
    }
    nextAvail = next(nextAvail);
    inFlight++;
    chain.identify(head, 1);
    walker.walk(chain);
    return chain;
  }

  /** Reads the driver's index; true if it offers at least one entry. */
  private boolean refreshAvail() {
    int index = memory.u16(setup.driverArea() + SplitLayout.AVAIL_IDX);
    int pending = (index - nextAvail) & SplitLayout.INDEX_MASK;
    if (pending > setup.size()) {
      fault = QueueFault.AVAIL_INDEX_JUMP;
      return false;
    }
    availIndex = index;
    return pending != 0;
  }

  @Override
  public boolean enableNotifications() {
    if (fault != null) {
      return false;
    }
    if (setup.eventIndex()) {
      // 2.7.10.2: avail_event follows the entries taken; used.flags stays 0 with EVENT_IDX.
      long ring = (long) SplitLayout.USED_ENTRY_SIZE * setup.size();
      memory.putU16(setup.deviceArea() + SplitLayout.USED_RING + ring, nextAvail);
    }
    return nextAvail != availIndex || refreshAvail();
  }

  @Override
  public void push(DescriptorChain chain, long written) {
    chain.requireReturnable(chains, written);
    long slot = SplitLayout.USED_RING + (long) SplitLayout.USED_ENTRY_SIZE * (nextUsed & mask);
    // The element { le32 id; le32 len; } in one store.
    memory.putU64(setup.deviceArea() + slot, written << Integer.SIZE | chain.id());
    nextUsed = next(nextUsed);
    // 2.7.8.2: the element is complete before the index shows it.
    memory.putU16(setup.deviceArea() + SplitLayout.USED_IDX, nextUsed);
    inFlight--;
    chain.end();
  }

  @Override
  public boolean shouldInterrupt() {
    int before = signalledUsed;
    signalledUsed = nextUsed;
    int pushed = (nextUsed - before) & SplitLayout.INDEX_MASK;
    if (pushed == 0) {
      return false;
    }
    if (!setup.eventIndex()) {
      int flags = memory.u16(setup.driverArea() + SplitLayout.AVAIL_FLAGS);
      return (flags & SplitLayout.AVAIL_F_NO_INTERRUPT) == 0;
    }
    // 2.7.7.2: notify exactly when the index has moved past used_event, modulo 2^16.
    long ring = (long) SplitLayout.AVAIL_ENTRY_SIZE * setup.size();
    int usedEvent = memory.u16(setup.driverArea() + SplitLayout.AVAIL_RING + ring);
    return ((nextUsed - usedEvent - 1) & SplitLayout.INDEX_MASK) < pushed;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  @Override
  public Optional<QueueFault> fault() {
    return Optional.ofNullable(fault);
  }

  private static int next(int index) {
    return (index + 1) & SplitLayout.INDEX_MASK;
  }
}

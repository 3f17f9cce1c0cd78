package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;
import java.util.Optional;

/** A packed virtqueue (2.8). The fields of its ring are named in {@link PackedLayout}. */
final class PackedVirtqueue implements Virtqueue {
  private static final int EVENT_MASK = 0xFFFF;

  private final GuestMemory memory;
  private final QueueSetup setup;
  private final PackedChainWalker walker;

  /** By slot; made when first needed. */
  private final DescriptorChain[] chains;

  private final Segments.Pool segments = new Segments.Pool();

  /** Slots of chains that are not in flight, as a stack. */
  private final int[] freeSlots;

  private int freeCount;
  private final RingPosition nextAvail;
  private final RingPosition nextUsed;

  /** Descriptors given back since the last interrupt decision. */
  private int unsignalled;

  private int descriptorsInFlight;
  private QueueFault fault;

  PackedVirtqueue(GuestMemory memory, QueueSetup setup) {
    this.memory = memory;
    this.setup = setup;
    this.walker = new PackedChainWalker(memory, setup);
    this.fault = PackedLayout.check(memory, setup);
    this.nextAvail = new RingPosition(setup.size());
    this.nextUsed = new RingPosition(setup.size());
    int slots = fault == null ? setup.size() : 0;
    this.chains = new DescriptorChain[slots];
    this.freeSlots = new int[slots];
    for (int i = 0; i < slots; i++) {
      freeSlots[i] = slots - 1 - i;
    }
    this.freeCount = slots;
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
    if (fault != null || !isNextAvailable()) {
      return null;
    }
    if (freeCount == 0) {
      // Each chain in flight has a descriptor at least, so none is left for this one.
      fault = QueueFault.RING_OVERRUN;
      return null;
    }
    int slot = freeSlots[freeCount - 1];
    if (chains[slot] == null) {
      chains[slot] = new DescriptorChain(memory, slot, segments);
    }
    DescriptorChain chain = chains[slot];
    fault = walker.walk(chain, nextAvail, setup.size() - descriptorsInFlight);
    if (fault != null) {
      chain.end();
      return null;
    }
    freeCount--;
    descriptorsInFlight += chain.ringDescriptors();
    nextAvail.advance(chain.ringDescriptors());
    return chain;
  }

  private boolean isNextAvailable() {
    long descriptor = descriptor(nextAvail);
    int flags = memory.u16(descriptor + PackedLayout.DESC_FLAGS);
    return PackedLayout.isAvailable(flags, nextAvail.wrap());
  }

  private long descriptor(RingPosition position) {
    return setup.descriptorTable() + (long) PackedLayout.DESC_SIZE * position.offset();
  }

  @Override
  public boolean enableNotifications() {
    if (fault != null) {
      return false;
    }
    // 2.8.14: with EVENT_IDX ask for the notification of the very next descriptor.
    long wanted =
        setup.eventIndex()
            ? PackedLayout.EVENT_FLAGS_DESC << Short.SIZE | eventOf(nextAvail)
            : PackedLayout.EVENT_FLAGS_ENABLE;
    memory.putU32(setup.deviceArea(), wanted);
    return isNextAvailable();
  }

  private static int eventOf(RingPosition position) {
    return position.offset() | (position.wrap() ? 1 << PackedLayout.EVENT_WRAP_SHIFT : 0);
  }

  @Override
  public void push(DescriptorChain chain, long written) {
    chain.requireReturnable(chains, written);
    long descriptor = descriptor(nextUsed);
    int flags = nextUsed.wrap() ? PackedLayout.DESC_F_AVAIL | PackedLayout.DESC_F_USED : 0;
    // 2.8.3: WRITE says whether anything was written, so whether the length counts.
    flags |= written > 0 ? PackedLayout.DESC_F_WRITE : 0;
    memory.putU32(descriptor + PackedLayout.DESC_LEN, written);
    memory.putU16(descriptor + PackedLayout.DESC_ID, chain.id());
    // 2.8.1: the flags hand the descriptor over, so they come last.
    memory.putU16(descriptor + PackedLayout.DESC_FLAGS, flags);
    nextUsed.advance(chain.ringDescriptors());
    unsignalled += chain.ringDescriptors();
    descriptorsInFlight -= chain.ringDescriptors();
    freeSlots[freeCount++] = chain.slot();
    chain.end();
  }

  @Override
  public boolean shouldInterrupt() {
    int pushed = unsignalled;
    unsignalled = 0;
    if (pushed == 0) {
      return false;
    }
    int flags =
        memory.u16(setup.driverArea() + PackedLayout.EVENT_FLAGS) & PackedLayout.EVENT_FLAGS_MASK;
    return switch (flags) {
      case PackedLayout.EVENT_FLAGS_DISABLE -> false;
      case PackedLayout.EVENT_FLAGS_DESC -> !setup.eventIndex() || passedEvent(pushed);
      default -> true;
    };
  }

  /** 2.8.10: whether the descriptor that the driver named is among the last {@code pushed} ones. */
  private boolean passedEvent(int pushed) {
    int wanted = memory.u16(setup.driverArea() + PackedLayout.EVENT_DESC);
    int event = wanted & PackedLayout.EVENT_OFF_MASK;
    boolean wrap = wanted >>> PackedLayout.EVENT_WRAP_SHIFT != 0;
    if (wrap != nextUsed.wrap()) {
      event -= setup.size();
    }
    // What was given back ends before nextUsed; an event behind it is still to come.
    return ((nextUsed.offset() - event - 1) & EVENT_MASK) < pushed;
  }

  @Override
  public int inFlight() {
    return chains.length - freeCount;
  }

  @Override
  public Optional<QueueFault> fault() {
    return Optional.ofNullable(fault);
  }
}

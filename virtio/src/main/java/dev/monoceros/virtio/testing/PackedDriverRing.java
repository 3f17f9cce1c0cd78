package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.memory.GuestMemory;
import java.util.List;

/**
 * The driver's end of a packed virtqueue (2.8). A chain is kept until it is offered, because only
 * then its place in the ring is known. Steady use of {@link #offer}, {@link #hasUsed} and {@link
 * #takeUsed} allocates nothing.
 */
public final class PackedDriverRing implements DriverQueue {
  // VRING_DESC_F_* and VRING_PACKED_* of linux/virtio_ring.h
  public static final int F_NEXT = 1;
  public static final int F_WRITE = 2;
  public static final int F_INDIRECT = 4;
  public static final int F_AVAIL = 1 << 7;
  public static final int F_USED = 1 << 15;
  public static final int EVENT_ENABLE = 0;
  public static final int EVENT_DISABLE = 1;
  public static final int EVENT_DESC = 2;
  private static final int DESC_BYTES = 16;
  private static final int EVENT_BYTES = 4;
  private static final int INDEX_MASK = 0xFFFF;

  private final FakeDriver driver;
  private final GuestMemory memory;
  private final int index;
  private final int size;
  private final long ring;
  private final long driverEvent;
  private final long deviceEvent;
  private final Chain[] chains;
  private final int[] freeIds;
  private int freeIdCount;
  private int freeCount;
  private int nextAvail;
  private boolean availWrap = true;
  private int nextUsed;
  private boolean usedWrap = true;
  private int offeredSinceKick;
  private long usedLength;

  /** One chain as it will be written to the ring. */
  private static final class Chain {
    private final List<DriverBuffer> buffers;
    private final int extraFlags;
    private boolean owned;

    /** Whether its ID is free for another chain; offering it again all the same is allowed. */
    private boolean released;

    Chain(List<DriverBuffer> buffers, int extraFlags) {
      this.buffers = buffers;
      this.extraFlags = extraFlags;
    }
  }

  PackedDriverRing(FakeDriver driver, int index, int size) {
    this.driver = driver;
    this.memory = driver.memory();
    this.index = index;
    this.size = size;
    this.ring = driver.allocate((long) DESC_BYTES * size, DESC_BYTES);
    this.driverEvent = driver.allocate(EVENT_BYTES, EVENT_BYTES);
    this.deviceEvent = driver.allocate(EVENT_BYTES, EVENT_BYTES);
    this.chains = new Chain[size];
    this.freeIds = new int[size];
    for (int i = 0; i < size; i++) {
      freeIds[i] = size - 1 - i;
    }
    this.freeIdCount = size;
    this.freeCount = size;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public int size() {
    return size;
  }

  /** Guest physical address of the descriptor ring. */
  public long ring() {
    return ring;
  }

  /** Guest physical address of the driver event suppression structure. */
  public long driverEvent() {
    return driverEvent;
  }

  /** Guest physical address of the device event suppression structure. */
  public long deviceEvent() {
    return deviceEvent;
  }

  @Override
  public int chain(List<DriverBuffer> buffers) {
    return keep(new Chain(List.copyOf(buffers), 0));
  }

  @Override
  public int indirectChain(List<DriverBuffer> buffers) {
    long table = driver.allocate((long) DESC_BYTES * buffers.size(), DESC_BYTES);
    for (int i = 0; i < buffers.size(); i++) {
      DriverBuffer buffer = buffers.get(i);
      int flags = buffer.writable() ? F_WRITE : 0;
      put(table + (long) DESC_BYTES * i, buffer.address(), buffer.length(), 0, flags);
    }
    DriverBuffer whole = DriverBuffer.readable(table, (long) DESC_BYTES * buffers.size());
    return keep(new Chain(List.of(whole), F_INDIRECT));
  }

  private int keep(Chain chain) {
    if (freeIdCount == 0 || chain.buffers.isEmpty()) {
      throw new IllegalStateException("no free buffer ID, or no buffers");
    }
    int id = freeIds[--freeIdCount];
    chains[id] = chain;
    return id;
  }

  @Override
  public void offer(int id) {
    Chain chain = chains[id];
    int count = chain.buffers.size();
    if (count > freeCount) {
      throw new IllegalStateException(count + " buffers, " + freeCount + " descriptors");
    }
    int firstFlags = 0;
    int first = nextAvail;
    for (int i = 0; i < count; i++) {
      DriverBuffer buffer = chain.buffers.get(i);
      int flags =
          (buffer.writable() ? F_WRITE : 0)
              | (i == count - 1 ? 0 : F_NEXT)
              | chain.extraFlags
              | availableFlags();
      // 2.8.21: the first descriptor's flags, which make all of the chain available, come last.
      put(at(nextAvail), buffer.address(), buffer.length(), id, i == 0 ? staleFlags() : flags);
      firstFlags = i == 0 ? flags : firstFlags;
      advanceAvail();
    }
    memory.putU16(at(first) + 14, firstFlags);
    freeCount -= count;
    offeredSinceKick += count;
    chain.owned = true;
  }

  /** Flags of a descriptor that is available at this position (2.8.1). */
  public int availableFlags() {
    return availWrap ? F_AVAIL : F_USED;
  }

  private int staleFlags() {
    return availWrap ? 0 : F_AVAIL | F_USED;
  }

  private void advanceAvail() {
    nextAvail++;
    if (nextAvail == size) {
      nextAvail = 0;
      availWrap = !availWrap;
    }
  }

  private long at(int slot) {
    return ring + (long) DESC_BYTES * slot;
  }

  /** Writes a descriptor at a guest physical address, whatever the values. */
  public void put(long where, long address, long length, int id, int flags) {
    memory.putU64(where, address);
    memory.putU32(where + 8, length);
    memory.putU16(where + 12, id);
    memory.putU16(where + 14, flags);
  }

  /** The position of the next descriptor to be made available. */
  public int nextAvail() {
    return nextAvail;
  }

  /** The driver's wrap counter, 1 at first. */
  public boolean availWrap() {
    return availWrap;
  }

  @Override
  public boolean kickIfWanted() {
    int flags = memory.u16(deviceEvent + 2) & 3;
    boolean wanted = flags != EVENT_DISABLE;
    if (flags == EVENT_DESC) {
      int event = memory.u16(deviceEvent);
      int offset = event & 0x7FFF;
      if ((event >>> 15 != 0) != availWrap) {
        offset -= size;
      }
      wanted = ((nextAvail - offset - 1) & INDEX_MASK) < offeredSinceKick;
    }
    offeredSinceKick = 0;
    if (wanted) {
      kick();
    }
    return wanted;
  }

  @Override
  public void submit(int id) {
    offer(id);
    offeredSinceKick = 0;
    kick();
  }

  /** 2.8.18: with NOTIFICATION_DATA the notification carries the next offset and wrap counter. */
  private void kick() {
    driver.kick(index, nextAvail | (availWrap ? 1 << 15 : 0));
  }

  @Override
  public boolean hasUsed() {
    int flags = memory.u16(at(nextUsed) + 14);
    boolean avail = (flags & F_AVAIL) != 0;
    boolean used = (flags & F_USED) != 0;
    return avail == usedWrap && used == usedWrap;
  }

  @Override
  public int takeUsed() {
    if (!hasUsed()) {
      throw new IllegalStateException("no used chain");
    }
    long descriptor = at(nextUsed);
    int id = memory.u16(descriptor + 12);
    boolean written = (memory.u16(descriptor + 14) & F_WRITE) != 0;
    usedLength = written ? memory.u32(descriptor + 8) : 0;
    if (id >= size || chains[id] == null || !chains[id].owned) {
      throw new IllegalStateException("the device gave back buffer " + id + ", never offered");
    }
    Chain chain = chains[id];
    chain.owned = false;
    int count = chain.buffers.size();
    freeCount += count;
    if (!chain.released) {
      chain.released = true;
      freeIds[freeIdCount++] = id;
    }
    nextUsed += count;
    if (nextUsed >= size) {
      nextUsed -= size;
      usedWrap = !usedWrap;
    }
    return id;
  }

  @Override
  public long usedLength() {
    return usedLength;
  }

  @Override
  public int freeDescriptors() {
    return freeCount;
  }

  /** Asks for interrupts: one of EVENT_ENABLE, EVENT_DISABLE, EVENT_DESC. */
  public void setEventFlags(int flags) {
    memory.putU16(driverEvent + 2, flags);
  }

  /** With EVENT_DESC: interrupt when the device has used the descriptor at this place. */
  public void setEventDescriptor(int offset, boolean wrap) {
    memory.putU16(driverEvent, offset | (wrap ? 1 << 15 : 0));
  }

  /** The device's event suppression: offset and wrap counter. */
  public int deviceEventDescriptor() {
    return memory.u16(deviceEvent);
  }

  /** The device's event suppression: flags. */
  public int deviceEventFlags() {
    return memory.u16(deviceEvent + 2);
  }
}

package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.memory.GuestMemory;
import java.util.List;

/**
 * The driver's end of a split virtqueue. The upper half of the methods does what a careful driver
 * does; the lower half pokes single fields, right or wrong. Steady use of {@link #offer}, {@link
 * #hasUsed} and {@link #takeUsed} allocates nothing.
 */
public final class DriverRing implements DriverQueue {
  // VRING_DESC_F_* and friends of linux/virtio_ring.h
  public static final int F_NEXT = 1;
  public static final int F_WRITE = 2;
  public static final int F_INDIRECT = 4;
  public static final int AVAIL_NO_INTERRUPT = 1;
  private static final long EVENT_IDX = 1L << 29;
  private static final int DESC_BYTES = 16;
  private static final int INDEX_MASK = 0xFFFF;

  private final FakeDriver driver;
  private final GuestMemory memory;
  private final int index;
  private final int size;
  private final long desc;
  private final long avail;
  private final long used;
  private final boolean eventIndex;
  private final int[] free;
  private final boolean[] owned;
  private final int[] next;
  private final boolean[] taken;
  private int freeCount;
  private int availIndex;
  private int lastUsed;
  private int lastKick;
  private long usedLength;

  private DriverRing(
      FakeDriver driver, int index, int size, long desc, long avail, long used, boolean events) {
    this.driver = driver;
    this.memory = driver.memory();
    this.index = index;
    this.size = size;
    this.desc = desc;
    this.avail = avail;
    this.used = used;
    this.eventIndex = events;
    this.free = new int[size];
    this.owned = new boolean[size];
    this.next = new int[size];
    this.taken = new boolean[size];
    for (int i = 0; i < size; i++) {
      free[i] = size - 1 - i;
      next[i] = -1;
    }
    this.freeCount = size;
  }

  static DriverRing allocate(FakeDriver driver, int index, int size, long features) {
    long desc = driver.allocate((long) DESC_BYTES * size, 16);
    long avail = driver.allocate(6 + 2L * size, 2);
    long used = driver.allocate(6 + 8L * size, 4);
    boolean events = (features & EVENT_IDX) != 0;
    return new DriverRing(driver, index, size, desc, avail, used, events);
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public int size() {
    return size;
  }

  /** Guest physical address of the descriptor table. */
  public long descriptorTable() {
    return desc;
  }

  /** Guest physical address of the available ring. */
  public long availRing() {
    return avail;
  }

  /** Guest physical address of the used ring. */
  public long usedRing() {
    return used;
  }

  @Override
  public int chain(List<DriverBuffer> buffers) {
    if (buffers.isEmpty() || buffers.size() > freeCount) {
      throw new IllegalStateException(buffers.size() + " buffers, " + freeCount + " descriptors");
    }
    int following = -1;
    for (int i = buffers.size() - 1; i >= 0; i--) {
      int slot = take();
      DriverBuffer buffer = buffers.get(i);
      int flags = (buffer.writable() ? F_WRITE : 0) | (following < 0 ? 0 : F_NEXT);
      describe(slot, buffer.address(), buffer.length(), flags, Math.max(following, 0));
      next[slot] = following;
      following = slot;
    }
    return following;
  }

  /** Writes an indirect table of the buffers in fresh memory and returns its address. */
  public long indirectTable(List<DriverBuffer> buffers) {
    long table = driver.allocate((long) DESC_BYTES * buffers.size(), 16);
    for (int i = 0; i < buffers.size(); i++) {
      DriverBuffer buffer = buffers.get(i);
      int last = i == buffers.size() - 1 ? 0 : F_NEXT;
      int flags = (buffer.writable() ? F_WRITE : 0) | last;
      putDescriptor(table + (long) DESC_BYTES * i, buffer.address(), buffer.length(), flags, i + 1);
    }
    return table;
  }

  @Override
  public int indirectChain(List<DriverBuffer> buffers) {
    return indirectChain(List.of(), buffers);
  }

  /** A chain of some direct buffers, maybe none, that ends in an indirect table of the others. */
  public int indirectChain(List<DriverBuffer> direct, List<DriverBuffer> indirect) {
    long table = indirectTable(indirect);
    int last = take();
    describe(last, table, (long) DESC_BYTES * indirect.size(), F_INDIRECT, 0);
    next[last] = -1;
    if (direct.isEmpty()) {
      return last;
    }
    int head = chain(direct);
    int tail = head;
    while (next[tail] >= 0) {
      tail = next[tail];
    }
    next[tail] = last;
    DriverBuffer buffer = direct.getLast();
    int flags = (buffer.writable() ? F_WRITE : 0) | F_NEXT;
    describe(tail, buffer.address(), buffer.length(), flags, last);
    return head;
  }

  @Override
  public void offer(int head) {
    putAvail(availIndex, head);
    if (head < size) {
      owned[head] = true;
    }
    availIndex = (availIndex + 1) & INDEX_MASK;
    setAvailIndex(availIndex);
  }

  /** By used.flags, or by avail_event with EVENT_IDX (2.7.10). */
  @Override
  public boolean kickIfWanted() {
    boolean wanted = (memory.u16(used) & 1) == 0;
    if (eventIndex) {
      int event = memory.u16(used + 4 + 8L * size);
      int offered = (availIndex - lastKick) & INDEX_MASK;
      wanted = ((availIndex - event - 1) & INDEX_MASK) < offered;
    }
    lastKick = availIndex;
    if (wanted) {
      kick();
    }
    return wanted;
  }

  @Override
  public void submit(int head) {
    offer(head);
    lastKick = availIndex;
    kick();
  }

  /** 2.7.23: with NOTIFICATION_DATA the notification carries the available index. */
  private void kick() {
    driver.kick(index, availIndex);
  }

  @Override
  public boolean hasUsed() {
    return memory.u16(used + 2) != lastUsed;
  }

  @Override
  public int takeUsed() {
    if (!hasUsed()) {
      throw new IllegalStateException("no used chain");
    }
    long element = used + 4 + 8L * (lastUsed % size);
    long head = memory.u32(element);
    usedLength = memory.u32(element + 4);
    if (head >= size || !owned[(int) head]) {
      throw new IllegalStateException("the device gave back head " + head + ", never offered");
    }
    lastUsed = (lastUsed + 1) & INDEX_MASK;
    owned[(int) head] = false;
    release((int) head);
    return (int) head;
  }

  private int take() {
    if (freeCount == 0) {
      throw new IllegalStateException("no free descriptor");
    }
    int slot = free[--freeCount];
    taken[slot] = true;
    return slot;
  }

  private void release(int head) {
    int slot = head;
    while (slot >= 0 && taken[slot]) {
      taken[slot] = false;
      free[freeCount++] = slot;
      int following = next[slot];
      next[slot] = -1;
      slot = following;
    }
  }

  @Override
  public long usedLength() {
    return usedLength;
  }

  /** The device's used index, 0 to 65535. */
  public int usedIndex() {
    return memory.u16(used + 2);
  }

  /** The driver's available index, 0 to 65535. */
  public int availIndex() {
    return availIndex;
  }

  @Override
  public int freeDescriptors() {
    return freeCount;
  }

  /** Writes descriptor {@code slot}, whatever the values. */
  public void describe(int slot, long address, long length, int flags, int nextSlot) {
    putDescriptor(desc + (long) DESC_BYTES * slot, address, length, flags, nextSlot);
  }

  /** Writes a descriptor at a guest physical address, whatever the values. */
  public void putDescriptor(long at, long address, long length, int flags, int nextSlot) {
    memory.putU64(at, address);
    memory.putU32(at + 8, length);
    memory.putU16(at + 12, flags);
    memory.putU16(at + 14, nextSlot);
  }

  /** Writes the entry of the available ring that belongs to a free-running index. */
  public void putAvail(int position, int head) {
    memory.putU16(avail + 4 + 2L * (position % size), head);
  }

  /** Writes the available index. */
  public void setAvailIndex(int value) {
    availIndex = value & INDEX_MASK;
    memory.putU16(avail + 2, availIndex);
  }

  /** Writes the available ring's flags. */
  public void setAvailFlags(int flags) {
    memory.putU16(avail, flags);
  }

  /** Writes used_event: interrupt when the used index passes this. */
  public void setUsedEvent(int event) {
    memory.putU16(avail + 4 + 2L * size, event);
  }

  /** Reads avail_event, which the device writes. */
  public int availEvent() {
    return memory.u16(used + 4 + 8L * size);
  }

  /** Reads the used ring's flags, which the device writes. */
  public int usedFlags() {
    return memory.u16(used);
  }
}

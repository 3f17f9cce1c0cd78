package dev.monoceros.virtio.memory;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * An ordered list of ranges of guest RAM that together hold the data of one request: what a backend
 * reads from or fills, without a copy in between. Ranges that touch are merged as they are added,
 * so the usual request is one range however the driver cut it.
 *
 * <p>Only the device that owns the list changes it, before it hands it out; to everybody else it is
 * immutable until the request has completed, when the device may use the object again.
 */
public final class GuestBuffers {
  private static final int FIRST_CAPACITY = 4;

  private final GuestMemory memory;
  private long[] addresses = new long[FIRST_CAPACITY];
  private long[] lengths = new long[FIRST_CAPACITY];
  private int count;
  private long total;

  /** An empty list of ranges of {@code memory}. */
  public GuestBuffers(GuestMemory memory) {
    this.memory = memory;
  }

  /** Forgets all ranges. For the owning device. */
  public void clear() {
    count = 0;
    total = 0;
  }

  /**
   * Adds {@code length} bytes from {@code gpa}; an empty range is left out. For the owning device.
   *
   * @throws GuestAddressException if the range is not RAM
   */
  public void add(long gpa, long length) {
    if (length == 0) {
      return;
    }
    if (!memory.contains(gpa, length)) {
      throw new GuestAddressException(gpa, length);
    }
    total = Math.addExact(total, length);
    if (count > 0
        && touchesLast(gpa)
        && memory.contains(addresses[count - 1], lengths[count - 1] + length)) {
      lengths[count - 1] += length;
      return;
    }
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    addresses[count] = gpa;
    lengths[count] = length;
    count++;
  }

  private boolean touchesLast(long gpa) {
    return addresses[count - 1] + lengths[count - 1] == gpa;
  }

  /** How many ranges there are. */
  public int count() {
    return count;
  }

  /** Bytes in all ranges together. */
  public long byteSize() {
    return total;
  }

  /** Guest physical address of range {@code i}. */
  public long address(int i) {
    return addresses[checkIndex(i)];
  }

  /** Length of range {@code i} in bytes, at least 1. */
  public long length(int i) {
    return lengths[checkIndex(i)];
  }

  /** The segment in which range {@code i} starts at {@link #offset}; allocates nothing. */
  public MemorySegment region(int i) {
    return memory.region(addresses[checkIndex(i)]);
  }

  /** Where range {@code i} starts in {@link #region}. */
  public long offset(int i) {
    return memory.regionOffset(addresses[checkIndex(i)]);
  }

  /** Range {@code i} as a segment of its own; allocates one small object. */
  public MemorySegment slice(int i) {
    return region(i).asSlice(offset(i), length(i));
  }

  /** Tells the memory that every range may have changed; see {@link GuestMemory#written}. */
  public void written() {
    for (int i = 0; i < count; i++) {
      memory.written(addresses[i], lengths[i]);
    }
  }

  private int checkIndex(int i) {
    if (i < 0 || i >= count) {
      throw new IndexOutOfBoundsException("range " + i + " of " + count);
    }
    return i;
  }
}

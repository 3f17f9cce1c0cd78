package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.memory.GuestMemory;
import java.util.Optional;

/**
 * One chain the driver made available: its buffers, copied out of the descriptor table once and
 * checked to be RAM, first the device-readable ones, then the device-writable ones. Buffers are cut
 * wherever the driver liked (2.7.4.1: a device makes no assumption about the framing), so the
 * contents are addressed by byte position in the readable and in the writable part.
 *
 * <p>The object belongs to its queue, which uses it again for other chains: it is valid from {@link
 * Virtqueue#poll} to {@link Virtqueue#push}.
 */
public final class DescriptorChain {
  /** No such address: returned where a byte of the chain has no usable place. */
  public static final long NO_ADDRESS = -1;

  private static final long MAX_CHAIN_BYTES = 0xFFFF_FFFFL;

  private final GuestMemory memory;
  private final int slot;

  private final Segments.Pool pool;
  private Segments segments;
  private int readableCount;
  private int count;
  private long readableBytes;
  private long writableBytes;
  private long lastWritable;
  private ChainFault fault;
  private boolean inFlight;
  private int id;
  private int ringDescriptors;

  DescriptorChain(GuestMemory memory, int slot, Segments.Pool pool) {
    this.memory = memory;
    this.slot = slot;
    this.pool = pool;
  }

  /**
   * Which of its queue's chains this is, 0 to the queue's size - 1: no two chains in flight have
   * the same, so it can index whatever belongs to a chain.
   */
  public int slot() {
    return slot;
  }

  /** What the driver knows the chain by: the index of its head (2.7) or its buffer ID (2.8). */
  public int id() {
    return id;
  }

  /** How many places of the ring the chain takes: those of a packed one; 1 in a split one. */
  int ringDescriptors() {
    return ringDescriptors;
  }

  /**
   * What is wrong with the chain, if anything. A faulty chain must be given back with {@link
   * Virtqueue#push}; of its contents only {@link #lastWritableAddress} may be used.
   */
  public Optional<ChainFault> fault() {
    return Optional.ofNullable(fault);
  }

  /** Whether the chain can be used: no {@link #fault}. */
  public boolean isSound() {
    return fault == null;
  }

  /** Bytes in all device-readable buffers. */
  public long readableBytes() {
    return readableBytes;
  }

  /** Bytes in all device-writable buffers. */
  public long writableBytes() {
    return writableBytes;
  }

  /** How many device-readable buffers there are. */
  public int readableCount() {
    return readableCount;
  }

  /** How many device-writable buffers there are. */
  public int writableCount() {
    return count - readableCount;
  }

  /**
   * Guest physical address of the last device-writable byte, where many devices put their status;
   * {@link #NO_ADDRESS} if there is none or a fault hides it.
   */
  public long lastWritableAddress() {
    return lastWritable;
  }

  /**
   * The little-endian value of {@code size} bytes (1 to 8) at {@code position} of the readable
   * part, however many buffers they are spread over.
   *
   * @throws IndexOutOfBoundsException if the readable part is shorter
   */
  public long readable(long position, int size) {
    if (position < 0 || position > readableBytes - size) {
      throw new IndexOutOfBoundsException(
          "bytes " + position + "+" + size + " of " + readableBytes + " readable ones");
    }
    int buffer = 0;
    long at = position;
    while (at >= segments.length(buffer)) {
      at -= segments.length(buffer++);
    }
    if (at + size <= segments.length(buffer)) {
      return whole(segments.address(buffer) + at, size);
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      while (at >= segments.length(buffer)) {
        at -= segments.length(buffer++);
      }
      value |= (long) memory.u8(segments.address(buffer) + at++) << (Byte.SIZE * i);
    }
    return value;
  }

  private long whole(long address, int size) {
    return switch (size) {
      case Byte.BYTES -> memory.u8(address);
      case Short.BYTES -> memory.u16(address);
      case Integer.BYTES -> memory.u32(address);
      case Long.BYTES -> memory.u64(address);
      default -> throw new IllegalArgumentException("no value of " + size + " bytes");
    };
  }

  /**
   * Adds {@code length} bytes from {@code position} of the readable part to {@code target}.
   *
   * @return over how many of the driver's buffers they are spread
   * @throws IndexOutOfBoundsException if the readable part is shorter
   */
  public int addReadable(long position, long length, GuestBuffers target) {
    checkRange(position, length, readableBytes);
    return add(0, position, length, target);
  }

  /**
   * Adds {@code length} bytes from {@code position} of the writable part to {@code target}.
   *
   * @return over how many of the driver's buffers they are spread
   * @throws IndexOutOfBoundsException if the writable part is shorter
   */
  public int addWritable(long position, long length, GuestBuffers target) {
    checkRange(position, length, writableBytes);
    return add(readableCount, position, length, target);
  }

  private static void checkRange(long position, long length, long bound) {
    if (position < 0 || length < 0 || position > bound - length) {
      throw new IndexOutOfBoundsException(
          "bytes " + position + "+" + length + " of " + bound + " in a descriptor chain");
    }
  }

  private int add(int firstBuffer, long position, long length, GuestBuffers target) {
    int buffer = firstBuffer;
    long at = position;
    long left = length;
    int pieces = 0;
    while (left > 0) {
      long here = Math.min(segments.length(buffer) - at, left);
      if (here > 0) {
        target.add(segments.address(buffer) + at, here);
        left -= here;
        pieces++;
        at = 0;
      } else {
        at -= segments.length(buffer);
      }
      buffer++;
    }
    return pieces;
  }

  /** Bytes of the longest buffer's share in {@code length} readable bytes from a position. */
  public long longestReadable(long position, long length) {
    checkRange(position, length, readableBytes);
    return longest(0, position, length);
  }

  /** Bytes of the longest buffer's share in {@code length} writable bytes from a position. */
  public long longestWritable(long position, long length) {
    checkRange(position, length, writableBytes);
    return longest(readableCount, position, length);
  }

  private long longest(int firstBuffer, long position, long length) {
    long longest = 0;
    long before = 0;
    for (int i = firstBuffer; i < count && before < position + length; i++) {
      long from = Math.max(before, position);
      long to = Math.min(before + segments.length(i), position + length);
      longest = Math.max(longest, to - from);
      before += segments.length(i);
    }
    return longest;
  }

  boolean inFlight() {
    return inFlight;
  }

  /**
   * Its buffers are not needed any more, only what is known of all of them together and {@link
   * #lastWritableAddress}. To be called by a device that keeps many chains in flight, as soon as it
   * has moved the data.
   */
  public void release() {
    if (segments != null) {
      pool.give(segments);
      segments = null;
    }
  }

  /** Our own fault otherwise: only what is in flight goes back, with what it can hold at most. */
  void requireReturnable(DescriptorChain[] inQueue, long written) {
    if (slot >= inQueue.length || inQueue[slot] != this || !inFlight) {
      throw new IllegalStateException("chain " + slot + " is not in flight in this queue");
    }
    if (written < 0 || written > writableBytes) {
      throw new IllegalArgumentException(
          written + " bytes written of " + writableBytes + " writable ones");
    }
  }

  void begin() {
    release();
    segments = pool.take();
    readableCount = 0;
    count = 0;
    readableBytes = 0;
    writableBytes = 0;
    lastWritable = NO_ADDRESS;
    fault = null;
    inFlight = true;
  }

  void end() {
    release();
    inFlight = false;
  }

  /** What goes back to the driver when the chain is given back. */
  void identify(int newId, int newRingDescriptors) {
    id = newId;
    ringDescriptors = newRingDescriptors;
  }

  /** Takes one buffer; what is wrong with it is remembered, and the rest is still looked at. */
  void addBuffer(long address, long length, boolean writable) {
    boolean usable = length > 0 && memory.contains(address, length);
    if (writable) {
      lastWritable = usable ? address + length - 1 : NO_ADDRESS;
    }
    if (!usable) {
      noteFault(length == 0 ? ChainFault.ZERO_LENGTH : ChainFault.BAD_ADDRESS);
      return;
    }
    if (!writable && count > readableCount) {
      noteFault(ChainFault.READABLE_AFTER_WRITABLE);
      return;
    }
    segments.put(count, address, length);
    count++;
    // At most MAX_SIZE descriptors of less than 2^32 bytes each: no sum here can overflow.
    if (writable) {
      writableBytes += length;
    } else {
      readableBytes += length;
      readableCount++;
    }
  }

  /** 2.7.5.2, 2.8.21: all buffers of a chain together have at most 2^32 - 1 bytes. */
  void checkLength() {
    if (readableBytes + writableBytes > MAX_CHAIN_BYTES) {
      noteFault(ChainFault.TOO_LONG);
    }
  }

  /** Notes a fault after which the chain can be walked on; the first one counts. */
  void noteFault(ChainFault found) {
    if (fault == null) {
      fault = found;
    }
  }

  /** Ends the walk at a fault behind which nothing of the chain is known. */
  void breakOff(ChainFault found) {
    noteFault(found);
    lastWritable = NO_ADDRESS;
  }
}

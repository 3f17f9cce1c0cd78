package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.HostMemory;
import java.lang.foreign.MemorySegment;

/**
 * Guest RAM: one host mapping, seen by the guest in two pieces when it is larger than the space
 * below the device hole. Pages are taken from the host when first touched.
 */
public final class PhysicalRam implements AutoCloseable {
  /** First address that is no RAM below 4 GiB: device windows begin here. */
  public static final long HOLE = 0xe000_0000L;

  /** Where RAM goes on after the hole. */
  public static final long HIGH = 1L << 32;

  private static final long PAGE = 4096;

  private final MemorySegment segment;
  private final long host;
  private final long low;
  private final long high;
  private boolean closed;

  /**
   * Maps RAM.
   *
   * @param bytes its size, a multiple of 4096
   * @throws OutOfMemoryError when the host refuses
   */
  public PhysicalRam(long bytes) {
    if (bytes <= 0 || bytes % PAGE != 0) {
      throw new IllegalArgumentException("RAM of " + bytes + " bytes");
    }
    segment = HostMemory.map(bytes);
    host = segment.address();
    low = Math.min(bytes, HOLE);
    high = bytes - low;
  }

  /** Bytes in all. */
  public long size() {
    return low + high;
  }

  /** Bytes from address 0 on. */
  public long lowSize() {
    return low;
  }

  /** Bytes from 4 GiB on. */
  public long highSize() {
    return high;
  }

  /** All of it, as the host sees it: the part from 4 GiB on follows the low part. */
  public MemorySegment segment() {
    return segment;
  }

  /** Whether {@code length} bytes from {@code address} are RAM, in one piece. */
  public boolean contains(long address, long length) {
    if (address < 0 || length < 0) {
      return false;
    }
    if (address < low) {
      return length <= low - address;
    }
    return address >= HIGH && address - HIGH < high && length <= high - (address - HIGH);
  }

  /** Offset into {@link #segment} of an address that {@link #contains}. */
  public long offset(long address) {
    return address < HIGH ? address : address - HIGH + low;
  }

  /** Number of the host page of an address that {@link #contains}. */
  int pageIndex(long address) {
    return (int) (offset(address) >>> 12);
  }

  long getLong(long address) {
    return HostMemory.getLong(host + offset(address));
  }

  void putLong(long address, long value) {
    HostMemory.putLong(host + offset(address), value);
  }

  int getByte(long address) {
    return HostMemory.getByte(host + offset(address)) & 0xff;
  }

  void putByte(long address, int value) {
    HostMemory.putByte(host + offset(address), (byte) value);
  }

  /** Gives the memory back; nothing may touch it afterwards. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      HostMemory.unmap(segment);
    }
  }
}

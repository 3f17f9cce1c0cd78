package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.memory.GuestAddressException;
import dev.monoceros.virtio.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Guest RAM in a byte array: one region from a base address on. It remembers which bytes were
 * reported as {@linkplain GuestMemory#written written}, so a test can ask whether every byte that
 * changed was also reported.
 */
public final class ByteGuestMemory implements GuestMemory {
  private final long base;
  private final byte[] bytes;
  private final MemorySegment segment;
  private final BitSet reported;

  /** RAM of {@code size} bytes from guest physical address 0. */
  public ByteGuestMemory(int size) {
    this(0, size);
  }

  /** RAM of {@code size} bytes from guest physical address {@code base}, both at least 0. */
  public ByteGuestMemory(long base, int size) {
    this.base = base;
    this.bytes = new byte[size];
    this.segment = MemorySegment.ofArray(bytes);
    this.reported = new BitSet(size);
  }

  /** First guest physical address of RAM. */
  public long base() {
    return base;
  }

  /** Bytes of RAM. */
  public int size() {
    return bytes.length;
  }

  /** A copy of all RAM, for comparing before and after. */
  public byte[] snapshot() {
    return Arrays.copyOf(bytes, bytes.length);
  }

  /** Forgets which bytes were reported as written. */
  public void clearReported() {
    reported.clear();
  }

  /** Whether the byte at {@code gpa} was reported as written since {@link #clearReported}. */
  public boolean isReported(long gpa) {
    return reported.get((int) regionOffset(gpa));
  }

  @Override
  public boolean contains(long gpa, long length) {
    long offset = gpa - base;
    return gpa >= base && length >= 0 && offset <= bytes.length && length <= bytes.length - offset;
  }

  @Override
  public MemorySegment region(long gpa) {
    if (!contains(gpa, 0)) {
      throw new GuestAddressException(gpa, 0);
    }
    return segment;
  }

  @Override
  public long regionOffset(long gpa) {
    return gpa - base;
  }

  @Override
  public void written(long gpa, long length) {
    if (!contains(gpa, length)) {
      throw new GuestAddressException(gpa, length);
    }
    int from = (int) regionOffset(gpa);
    reported.set(from, from + (int) length);
  }
}

package dev.monoceros.virtio.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Guest RAM by guest physical address, as a bus-mastering device reaches it: a port that the
 * machine implements with four methods ({@link #contains}, {@link #region}, {@link #regionOffset},
 * {@link #written}).
 *
 * <p>Addresses and lengths are bytes, unsigned 64-bit in a {@code long}; all multi-byte values are
 * little-endian; no alignment is required. RAM may be several regions; a range belongs to RAM only
 * if it lies in one of them. Accesses outside throw {@link GuestAddressException}: ask {@link
 * #contains} first about any address that came from the guest.
 *
 * <p>Everything runs on the vCPU thread (rule 2 of the architecture), so there are no barriers
 * here: program order is what the guest sees.
 */
public interface GuestMemory {

  /**
   * Whether {@code length} bytes from {@code gpa} lie in one region of RAM. False for any range
   * that wraps around 2^64 and for negative lengths; true for an empty range inside RAM.
   */
  boolean contains(long gpa, long length);

  /**
   * The whole segment that backs the region of RAM holding {@code gpa}; the byte at {@code gpa} is
   * at {@link #regionOffset}. Always the same object for one region, so DMA needs no allocation.
   */
  MemorySegment region(long gpa);

  /** Where {@code gpa} lies in {@link #region}. */
  long regionOffset(long gpa);

  /**
   * Tells the machine that {@code length} bytes from {@code gpa} may have changed, so that it drops
   * code translated from them and marks them for snapshots. Every {@code put} and {@code write}
   * method here has done so already; who fills a {@link #slice} or a {@link #region} must call it.
   */
  void written(long gpa, long length);

  /** The bytes from {@code gpa} as a segment that shares memory with the guest: zero-copy DMA. */
  default MemorySegment slice(long gpa, long length) {
    return checked(gpa, length).asSlice(regionOffset(gpa), length);
  }

  /** The byte at {@code gpa}, 0 to 255. */
  default int u8(long gpa) {
    return LittleEndian.u8(checked(gpa, Byte.BYTES), regionOffset(gpa));
  }

  /** The 16-bit value at {@code gpa}, 0 to 65535. */
  default int u16(long gpa) {
    return LittleEndian.u16(checked(gpa, Short.BYTES), regionOffset(gpa));
  }

  /** The 32-bit value at {@code gpa}, 0 to 2^32-1. */
  default long u32(long gpa) {
    return LittleEndian.u32(checked(gpa, Integer.BYTES), regionOffset(gpa));
  }

  /** The 64-bit value at {@code gpa}, to be read as unsigned. */
  default long u64(long gpa) {
    return LittleEndian.u64(checked(gpa, Long.BYTES), regionOffset(gpa));
  }

  /** Stores the low 8 bits of {@code value}. */
  default void putU8(long gpa, int value) {
    LittleEndian.putU8(checked(gpa, Byte.BYTES), regionOffset(gpa), value);
    written(gpa, Byte.BYTES);
  }

  /** Stores the low 16 bits of {@code value}. */
  default void putU16(long gpa, int value) {
    LittleEndian.putU16(checked(gpa, Short.BYTES), regionOffset(gpa), value);
    written(gpa, Short.BYTES);
  }

  /** Stores the low 32 bits of {@code value}. */
  default void putU32(long gpa, long value) {
    LittleEndian.putU32(checked(gpa, Integer.BYTES), regionOffset(gpa), value);
    written(gpa, Integer.BYTES);
  }

  /** Stores all 64 bits of {@code value}. */
  default void putU64(long gpa, long value) {
    LittleEndian.putU64(checked(gpa, Long.BYTES), regionOffset(gpa), value);
    written(gpa, Long.BYTES);
  }

  /** Copies {@code length} guest bytes from {@code gpa} into {@code target} at {@code offset}. */
  default void read(long gpa, byte[] target, int offset, int length) {
    MemorySegment.copy(
        checked(gpa, length), ValueLayout.JAVA_BYTE, regionOffset(gpa), target, offset, length);
  }

  /**
   * Copies {@code length} bytes of {@code source} from {@code offset} to the guest at {@code gpa}.
   */
  default void write(long gpa, byte[] source, int offset, int length) {
    MemorySegment.copy(
        source, offset, checked(gpa, length), ValueLayout.JAVA_BYTE, regionOffset(gpa), length);
    written(gpa, length);
  }

  /** Fills {@code target} with the guest bytes from {@code gpa}. */
  default void read(long gpa, MemorySegment target) {
    long length = target.byteSize();
    MemorySegment.copy(checked(gpa, length), regionOffset(gpa), target, 0, length);
  }

  /** Copies all of {@code source} to the guest at {@code gpa}. */
  default void write(long gpa, MemorySegment source) {
    long length = source.byteSize();
    MemorySegment.copy(source, 0, checked(gpa, length), regionOffset(gpa), length);
    written(gpa, length);
  }

  private MemorySegment checked(long gpa, long length) {
    if (!contains(gpa, length)) {
      throw new GuestAddressException(gpa, length);
    }
    return region(gpa);
  }
}

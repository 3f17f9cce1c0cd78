package dev.monoceros.virtio.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The one place in this module that knows byte order: everything virtio 1.x puts in memory or in a
 * register is little-endian (virtio 1.2, 1.4 and 2.4.3), whatever the host is.
 */
public final class LittleEndian {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  /** The byte at {@code offset}, 0 to 255. */
  public static int u8(MemorySegment segment, long offset) {
    return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset));
  }

  /** The 16-bit value at {@code offset}, 0 to 65535; any alignment. */
  public static int u16(MemorySegment segment, long offset) {
    return Short.toUnsignedInt(segment.get(U16, offset));
  }

  /** The 32-bit value at {@code offset}, 0 to 2^32-1; any alignment. */
  public static long u32(MemorySegment segment, long offset) {
    return Integer.toUnsignedLong(segment.get(U32, offset));
  }

  /** The 64-bit value at {@code offset}, to be read as unsigned; any alignment. */
  public static long u64(MemorySegment segment, long offset) {
    return segment.get(U64, offset);
  }

  /** Stores the low 8 bits of {@code value}. */
  public static void putU8(MemorySegment segment, long offset, int value) {
    segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  /** Stores the low 16 bits of {@code value}. */
  public static void putU16(MemorySegment segment, long offset, int value) {
    segment.set(U16, offset, (short) value);
  }

  /** Stores the low 32 bits of {@code value}. */
  public static void putU32(MemorySegment segment, long offset, long value) {
    segment.set(U32, offset, (int) value);
  }

  /** Stores all 64 bits of {@code value}. */
  public static void putU64(MemorySegment segment, long offset, long value) {
    segment.set(U64, offset, value);
  }

  /**
   * Reads {@code size} bytes (1 to 8) of a small register image; bytes outside the image read as 0,
   * so that no offset a guest can form is an error.
   */
  public static long read(byte[] image, long offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      long at = offset + i;
      int octet = at >= 0 && at < image.length ? Byte.toUnsignedInt(image[(int) at]) : 0;
      value = value << Byte.SIZE | octet;
    }
    return value;
  }

  /**
   * Writes the low {@code size} bytes (1 to 8) of {@code value}; bytes outside the image vanish.
   */
  public static void write(byte[] image, long offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      long at = offset + i;
      if (at >= 0 && at < image.length) {
        image[(int) at] = (byte) (value >>> (Byte.SIZE * i));
      }
    }
  }

  /** The low {@code size} bytes (1 to 8) of {@code value}. */
  public static long truncate(long value, int size) {
    return size == Long.BYTES ? value : value & ((1L << (Byte.SIZE * size)) - 1);
  }
}

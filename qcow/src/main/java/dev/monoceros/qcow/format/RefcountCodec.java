package dev.monoceros.qcow.format;

import java.nio.ByteBuffer;

/**
 * Refcounts of 1 to 64 bits in a refcount block, section "Host cluster management". Below a byte,
 * entry 0 is in the least significant bits.
 */
public final class RefcountCodec {
  private static final int BYTE_ORDER = 3;

  private final int order;
  private final int perByteBits;
  private final int mask;

  /**
   * @param order log2 of the width in bits, 0 to 6
   */
  public RefcountCodec(int order) {
    this.order = order;
    this.perByteBits = Math.max(0, BYTE_ORDER - order);
    this.mask = order < BYTE_ORDER ? (1 << (1 << order)) - 1 : 0xff;
  }

  /** The refcount as an unsigned number; a 64-bit one may come out negative. */
  public long get(ByteBuffer block, int index) {
    return switch (order) {
      case 0, 1, 2 -> (block.get(index >>> perByteBits) >>> shift(index)) & mask;
      case 3 -> Byte.toUnsignedLong(block.get(index));
      case 4 -> Short.toUnsignedLong(block.getShort(index * Short.BYTES));
      case 5 -> Integer.toUnsignedLong(block.getInt(index * Integer.BYTES));
      default -> block.getLong(index * Long.BYTES);
    };
  }

  /** Stores {@code value}, which must fit the width. */
  public void set(ByteBuffer block, int index, long value) {
    switch (order) {
      case 0, 1, 2 -> {
        int at = index >>> perByteBits;
        int kept = block.get(at) & ~(mask << shift(index));
        block.put(at, (byte) (kept | ((int) value << shift(index))));
      }
      case 3 -> block.put(index, (byte) value);
      case 4 -> block.putShort(index * Short.BYTES, (short) value);
      case 5 -> block.putInt(index * Integer.BYTES, (int) value);
      default -> block.putLong(index * Long.BYTES, value);
    }
  }

  /** How many of the first {@code count} refcounts are not 0; the block's length is whole longs. */
  public int countUsed(ByteBuffer block, int count) {
    int perLong = Long.SIZE >>> order;
    long[] longs = new long[count / perLong];
    block.slice(0, longs.length * Long.BYTES).asLongBuffer().get(longs);
    // The highest bit of each field; whatever the order of the fields in a byte.
    long highest = 0;
    for (int bit = (1 << order) - 1; bit < Long.SIZE; bit += 1 << order) {
      highest |= 1L << bit;
    }
    long rest = ~highest;
    int used = 0;
    for (long fields : longs) {
      // A field that is not 0 carries into its highest bit, or has it set.
      used += Long.bitCount(((fields & rest) + rest | fields) & highest);
    }
    for (int i = longs.length * perLong; i < count; i++) {
      used += get(block, i) != 0 ? 1 : 0;
    }
    return used;
  }

  /** The highest refcount, as {@link #get} returns it. */
  public long max() {
    return -1L >>> (Long.SIZE - (1 << order));
  }

  /** Byte of the block in which entry {@code index} starts. */
  public int byteOf(int index) {
    return order < BYTE_ORDER ? index >>> perByteBits : index << (order - BYTE_ORDER);
  }

  /** Bytes one entry touches. */
  public int width() {
    return order < BYTE_ORDER ? 1 : 1 << (order - BYTE_ORDER);
  }

  private int shift(int index) {
    return (index & ((1 << perByteBits) - 1)) << order;
  }
}

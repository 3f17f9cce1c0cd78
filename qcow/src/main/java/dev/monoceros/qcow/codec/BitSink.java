package dev.monoceros.qcow.codec;

/** Bits into bytes, the low ones first (RFC 1951, 3.1.1). Room is the caller's concern. */
final class BitSink {
  private static final int FLUSH_BITS = 32;

  private byte[] bytes = new byte[0];
  private int length;
  private long pending;
  private int pendingBits;

  /** Starts over, with room for {@code room} bytes. */
  void clear(int room) {
    if (bytes.length < room + Long.BYTES) {
      bytes = new byte[room + Long.BYTES];
    }
    length = 0;
    pending = 0;
    pendingBits = 0;
  }

  /** Appends the low {@code count} bits of {@code value}, at most 32; the others must be zero. */
  void put(int value, int count) {
    pending |= Integer.toUnsignedLong(value) << pendingBits;
    pendingBits += count;
    if (pendingBits >= FLUSH_BITS) {
      int low = (int) pending;
      int at = length;
      bytes[at] = (byte) low;
      bytes[at + 1] = (byte) (low >>> 8);
      bytes[at + 2] = (byte) (low >>> 16);
      bytes[at + 3] = (byte) (low >>> 24);
      length = at + 4;
      pending >>>= FLUSH_BITS;
      pendingBits -= FLUSH_BITS;
    }
  }

  /** Fills the last byte with zero bits. */
  void align() {
    while (pendingBits > 0) {
      bytes[length++] = (byte) pending;
      pending >>>= Byte.SIZE;
      pendingBits -= Byte.SIZE;
    }
    pending = 0;
    pendingBits = 0;
  }

  /** Appends whole bytes; call {@link #align()} first. */
  void putBytes(byte[] source, int from, int count) {
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  long bits() {
    return (long) length * Byte.SIZE + pendingBits;
  }

  /** Length in bytes of what has been aligned. */
  int length() {
    return length;
  }

  void copyTo(byte[] target) {
    System.arraycopy(bytes, 0, target, 0, length);
  }
}

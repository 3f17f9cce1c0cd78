package dev.monoceros.machine.pci;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 256 bytes of a function's configuration space and which of their bits a driver may write.
 * Little endian.
 */
final class ConfigBytes {
  static final int SIZE = 256;

  private final ByteBuffer values = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] writable = new byte[SIZE];

  int get8(int offset) {
    return values.get(offset) & 0xff;
  }

  int get16(int offset) {
    return values.getShort(offset) & 0xffff;
  }

  int get32(int offset) {
    return values.getInt(offset);
  }

  void set8(int offset, int value) {
    values.put(offset, (byte) value);
  }

  void set16(int offset, int value) {
    values.putShort(offset, (short) value);
  }

  void set32(int offset, int value) {
    values.putInt(offset, value);
  }

  void allow8(int offset, int mask) {
    writable[offset] = (byte) mask;
  }

  void allow16(int offset, int mask) {
    allow8(offset, mask);
    allow8(offset + 1, mask >>> 8);
  }

  void allow32(int offset, int mask) {
    allow16(offset, mask);
    allow16(offset + 2, mask >>> 16);
  }

  void put(int offset, byte[] bytes) {
    values.put(offset, bytes);
  }

  /** A live view of {@code length} bytes, little endian. */
  ByteBuffer view(int offset, int length) {
    return values.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  int read(int offset, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= get8(offset + i) << (8 * i);
    }
    return value;
  }

  /** A driver's write: read-only bits keep their value. */
  void write(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      int mask = writable[offset + i] & 0xff;
      int written = value >>> (8 * i) & 0xff;
      set8(offset + i, (get8(offset + i) & ~mask) | (written & mask));
    }
  }
}

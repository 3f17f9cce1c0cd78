package dev.monoceros.machine.bus;

/**
 * A region of 8-bit registers. Wider accesses are cut into bytes, lowest address first, as an ISA
 * bus does for an 8-bit card.
 */
public interface ByteRegion extends IoRegion {
  /** Reads the register at {@code offset}: 0 to 255. */
  int readByte(int offset);

  /** Writes {@code value} (0 to 255) to the register at {@code offset}. */
  void writeByte(int offset, int value);

  @Override
  default long read(long offset, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (readByte((int) offset + i) & 0xffL) << (8 * i);
    }
    return value;
  }

  @Override
  default void write(long offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      writeByte((int) offset + i, (int) (value >>> (8 * i)) & 0xff);
    }
  }
}

package dev.monoceros.cli.io;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A byte repeated.
 *
 * @param value 0 to 255
 */
record Pattern(int value) implements Transfers.Source {
  /** What a write holds unless told otherwise. */
  static final Pattern WRITTEN = new Pattern(0xCD);

  private static final int LARGEST = 0xFF;
  private static final long REPEAT = 0x0101010101010101L;

  /** Parses {@code -P}; says so and returns null if the text is no byte. */
  static Pattern parse(String text, Output out) {
    long value = Numbers.integer(text);
    if (value < 0 || value > LARGEST) {
      out.line(text + " is not a valid pattern byte");
      return null;
    }
    return new Pattern((int) value);
  }

  @Override
  public void fill(ByteBuffer target) {
    MemorySegment.ofBuffer(target).fill((byte) value);
    target.position(target.limit());
  }

  /** True if {@code length} bytes from {@code from} on are all it. */
  boolean matches(ByteBuffer bytes, int from, int length) {
    long eight = value * REPEAT;
    int at = from;
    int end = from + length;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      if (bytes.getLong(at) != eight) {
        return false;
      }
    }
    for (; at < end; at++) {
      if (bytes.get(at) != (byte) value) {
        return false;
      }
    }
    return true;
  }
}

package dev.monoceros.qcow.bitmap;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An entry of the bitmap directory, section "Bitmap directory".
 *
 * @param tableOffset of the bitmap table
 * @param tableEntries its length
 * @param granularityBits log2 of the bytes of disk that a bit stands for
 */
public record BitmapEntry(
    long tableOffset, int tableEntries, int flags, int granularityBits, String name) {
  /** Bytes of the fields of fixed size. */
  static final int FIXED = 24;

  /** Where the flags are within an entry. */
  static final int FLAGS = 12;

  static final int TYPE_DIRTY_TRACKING = 1;

  /** "The bitmap was not saved correctly and may be inconsistent". */
  static final int IN_USE = 1;

  /** "The bitmap must reflect all changes of the virtual disk". */
  static final int AUTO = 2;

  static final int MAX_NAME = 1023;
  static final int MIN_GRANULARITY_BITS = 9;
  static final int MAX_GRANULARITY_BITS = 31;

  private static final int ALIGNMENT = 8;

  public boolean inUse() {
    return (flags & IN_USE) != 0;
  }

  public boolean auto() {
    return (flags & AUTO) != 0;
  }

  BitmapEntry withFlags(int value) {
    return new BitmapEntry(tableOffset, tableEntries, value, granularityBits, name);
  }

  BitmapEntry withTable(long offset, int entries) {
    return new BitmapEntry(offset, entries, flags, granularityBits, name);
  }

  private byte[] nameBytes() {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  int length() {
    return (FIXED + nameBytes().length + ALIGNMENT - 1) & -ALIGNMENT;
  }

  void put(ByteBuffer out) {
    int next = out.position() + length();
    out.putLong(tableOffset).putInt(tableEntries).putInt(flags);
    out.put((byte) TYPE_DIRTY_TRACKING).put((byte) granularityBits);
    out.putShort((short) nameBytes().length).putInt(0);
    out.put(nameBytes()).position(next);
  }
}

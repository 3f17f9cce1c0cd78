package dev.monoceros.qcow.bitmap;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An entry of the bitmap directory, section "Bitmap directory".
 *
 * @param tableOffset of the bitmap table, as in the image
 * @param tableEntries its length, as in the image
 * @param flags as in the image
 * @param granularityBits log2 of the bytes of disk that a bit stands for
 * @param nameBytes the name, a character for each byte: it need not be text, and is kept
 */
public record BitmapEntry(
    long tableOffset, int tableEntries, int flags, int granularityBits, String nameBytes) {
  /** Bytes of the fields of fixed size. */
  static final int FIXED = 24;

  /** Where the flags are within an entry. */
  static final int FLAGS = 12;

  /** "The bitmap was not saved correctly and may be inconsistent". */
  static final int IN_USE = 1;

  /** "The bitmap must reflect all changes of the virtual disk". */
  static final int AUTO = 2;

  static final int MAX_NAME = 1023;
  static final int MIN_GRANULARITY_BITS = 9;
  static final int MAX_GRANULARITY_BITS = 31;

  private static final int TABLE_SIZE = 8;
  private static final int TYPE = 16;
  private static final int GRANULARITY = 17;
  private static final int NAME_SIZE = 18;
  private static final int EXTRA_SIZE = 20;
  private static final int ALIGNMENT = 8;
  private static final int TYPE_DIRTY_TRACKING = 1;
  private static final int RESERVED_FLAGS = ~(IN_USE | AUTO);

  /** QEMU's limit. */
  private static final long MAX_TABLE_ENTRIES = 0x8000000;

  /** A new one, without a table. */
  static BitmapEntry of(String name, int granularityBits, int flags) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return new BitmapEntry(
        0, 0, flags, granularityBits, new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** Bytes that the entry at an index of the directory claims, padding included. */
  static long lengthAt(ByteBuffer directory, int at) {
    long extra = Integer.toUnsignedLong(directory.getInt(at + EXTRA_SIZE));
    return padded(FIXED + extra + Short.toUnsignedInt(directory.getShort(at + NAME_SIZE)));
  }

  static boolean hasExtra(ByteBuffer directory, int at) {
    return directory.getInt(at + EXTRA_SIZE) != 0;
  }

  static boolean isBitmap(ByteBuffer directory, int at) {
    return directory.get(at + TYPE) == TYPE_DIRTY_TRACKING;
  }

  /** The entry at an index of the directory, where it ends within it and has no extra data. */
  static BitmapEntry get(ByteBuffer directory, int at) {
    byte[] name = new byte[Short.toUnsignedInt(directory.getShort(at + NAME_SIZE))];
    directory.get(at + FIXED, name);
    return new BitmapEntry(
        directory.getLong(at),
        directory.getInt(at + TABLE_SIZE),
        directory.getInt(at + FLAGS),
        Byte.toUnsignedInt(directory.get(at + GRANULARITY)),
        new String(name, StandardCharsets.ISO_8859_1));
  }

  private static long padded(long length) {
    return length + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /** QEMU's constraints on an entry; the table's place in the file is not among them. */
  boolean sound(Geometry geometry, long diskSize) {
    long entries = Integer.toUnsignedLong(tableEntries);
    if (entries == 0
        || entries > MAX_TABLE_ENTRIES
        || tableOffset == 0
        || !geometry.aligned(tableOffset)
        || granularityBits < MIN_GRANULARITY_BITS
        || granularityBits > MAX_GRANULARITY_BITS
        || (flags & RESERVED_FLAGS) != 0
        || nameBytes.length() > MAX_NAME) {
      return false;
    }
    long bitmapBytes = entries << geometry.clusterBits();
    // Eight bits a byte, each for 2^granularity bytes of disk: below 2^63, by the limits above.
    return bitmapBytes <= BitmapDirectory.MAX_BITMAP_BYTES
        && (inUse() || diskSize <= (bitmapBytes * Byte.SIZE) << granularityBits);
  }

  /** What is wrong with one that is not sound. */
  ImageFault unsound(long place) {
    return ImageFault.corrupt(
        place,
        "Bitmap '" + name().replaceAll("\\p{Cntrl}", "?") + "' doesn't satisfy the constraints");
  }

  /** The name as text. */
  public String name() {
    return new String(nameBytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  public boolean inUse() {
    return (flags & IN_USE) != 0;
  }

  public boolean auto() {
    return (flags & AUTO) != 0;
  }

  BitmapEntry withFlags(int value) {
    return new BitmapEntry(tableOffset, tableEntries, value, granularityBits, nameBytes);
  }

  BitmapEntry withTable(long offset, int entries) {
    return new BitmapEntry(offset, entries, flags, granularityBits, nameBytes);
  }

  int length() {
    return (int) padded(FIXED + nameBytes.length());
  }

  void put(ByteBuffer out) {
    int next = out.position() + length();
    out.putLong(tableOffset).putInt(tableEntries).putInt(flags);
    out.put((byte) TYPE_DIRTY_TRACKING).put((byte) granularityBits);
    out.putShort((short) nameBytes.length()).putInt(0);
    out.put(nameBytes.getBytes(StandardCharsets.ISO_8859_1)).position(next);
  }
}

package dev.monoceros.qcow.bitmap;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/**
 * The header extension that says where the directory is, section "Bitmaps extension".
 *
 * @param count of bitmaps; 0 only in {@link #NONE}
 * @param offset of the directory, any multiple of the cluster size
 * @param length of the directory in bytes, at most QEMU's limit
 */
public record BitmapsExtension(long count, long offset, long length) {
  /** There are no bitmaps. */
  public static final BitmapsExtension NONE = new BitmapsExtension(0, 0, 0);

  /** QEMU's limits. */
  static final int MAX_BITMAPS = 65535;

  static final long MAX_LENGTH = 1024L * MAX_BITMAPS;

  /** The only length that the data may have. */
  static final int BYTES = 24;

  private static final int RESERVED = 4;
  private static final int DIRECTORY_SIZE = 8;
  private static final int DIRECTORY_OFFSET = 16;

  /**
   * Fails unless the data has the length that it must have.
   *
   * @param place the offset that the fault names
   * @throws ImageFault CORRUPT, in QEMU's words
   */
  public static void requireLength(long length, long place) throws ImageFault {
    if (length != BYTES) {
      throw ImageFault.corrupt(place, "bitmaps_ext: Invalid extension length");
    }
  }

  /**
   * What the extension says.
   *
   * @param data of the extension, all of it
   * @param place where the data is in the file
   * @throws ImageFault CORRUPT, in QEMU's words and order
   */
  public static BitmapsExtension parse(ByteBuffer data, long place, Geometry geometry)
      throws ImageFault {
    requireLength(data.limit(), place);
    long count = Integer.toUnsignedLong(data.getInt(0));
    long size = data.getLong(DIRECTORY_SIZE);
    long offset = data.getLong(DIRECTORY_OFFSET);
    if (data.getInt(RESERVED) != 0) {
      throw ImageFault.corrupt(place + RESERVED, "bitmaps_ext: Reserved field is not zero");
    }
    if (count > MAX_BITMAPS) {
      throw ImageFault.corrupt(
          place,
          "bitmaps_ext: Image has "
              + count
              + " bitmaps, exceeding the QEMU supported maximum of "
              + MAX_BITMAPS);
    }
    if (count == 0) {
      throw ImageFault.corrupt(place, "found bitmaps extension with zero bitmaps");
    }
    if (!geometry.aligned(offset)) {
      throw ImageFault.corrupt(
          place + DIRECTORY_OFFSET, "bitmaps_ext: invalid bitmap directory offset");
    }
    if (size < 0 || size > MAX_LENGTH) {
      throw ImageFault.corrupt(
          place + DIRECTORY_SIZE,
          "bitmaps_ext: bitmap directory size ("
              + Long.toUnsignedString(size)
              + ") exceeds the maximum supported size ("
              + MAX_LENGTH
              + ")");
    }
    return new BitmapsExtension(count, offset, size);
  }

  /** The extension's data for a directory there. */
  static byte[] encode(int count, long length, long offset) {
    return ByteBuffer.allocate(BYTES)
        .putInt(count)
        .putInt(0)
        .putLong(length)
        .putLong(offset)
        .array();
  }
}

package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderExtension;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Finds the bitmap directory, section "Bitmaps extension". */
final class BitmapsExtension {
  private static final int TYPE = 0x23852875;
  private static final int LENGTH = 24;
  private static final int COUNT = 0;
  private static final int RESERVED = 4;
  private static final int DIRECTORY_SIZE = 8;
  private static final int DIRECTORY_OFFSET = 16;
  private static final long AUTOCLEAR_BITMAPS = 1;

  /** QEMU's limits. */
  private static final long MAX_BITMAPS = 65535;

  static final long MAX_DIRECTORY = 1024 * MAX_BITMAPS;

  private BitmapsExtension() {}

  /**
   * The directory; none if the autoclear bit says that it is stale.
   *
   * @param cluster the first of the image
   * @param start header length
   */
  static Layout.Directory find(ByteBuffer cluster, int start, long autoclear, Geometry geometry)
      throws ImageFault {
    long name = cluster.getLong(HeaderField.BACKING_FILE_OFFSET);
    if (name < 0 || name > cluster.limit()) {
      throw ImageFault.corrupt(HeaderField.BACKING_FILE_OFFSET, "Invalid backing file offset");
    }
    long end = name == 0 ? cluster.limit() : name;
    long at = start;
    Layout.Directory found = Layout.Directory.NONE;
    while (at < end) {
      long data = at + HeaderExtension.PREFIX;
      long length =
          data > end ? 0 : Integer.toUnsignedLong(cluster.getInt((int) at + Integer.BYTES));
      if (length > end - data) {
        throw ImageFault.corrupt(at, "Header extension too large");
      }
      int type = cluster.getInt((int) at);
      if (type == HeaderExtension.END) {
        break;
      }
      if (type == TYPE && (autoclear & AUTOCLEAR_BITMAPS) != 0) {
        found = parse(cluster, (int) data, length, geometry);
      } else if (type == TYPE && length != LENGTH) {
        throw ImageFault.corrupt(at, "bitmaps_ext: Invalid extension length");
      }
      at = data + ((length + 7) & -8);
    }
    return found;
  }

  private static Layout.Directory parse(ByteBuffer bytes, int at, long length, Geometry geometry)
      throws ImageFault {
    if (length != LENGTH) {
      throw ImageFault.corrupt(at, "bitmaps_ext: Invalid extension length");
    }
    long count = Integer.toUnsignedLong(bytes.getInt(at + COUNT));
    long size = bytes.getLong(at + DIRECTORY_SIZE);
    long offset = bytes.getLong(at + DIRECTORY_OFFSET);
    if (bytes.getInt(at + RESERVED) != 0) {
      throw ImageFault.corrupt(at + RESERVED, "bitmaps_ext: Reserved field is not zero");
    }
    if (count > MAX_BITMAPS) {
      throw ImageFault.corrupt(
          at,
          "bitmaps_ext: Image has "
              + count
              + " bitmaps, exceeding the QEMU supported maximum of "
              + MAX_BITMAPS);
    }
    if (count == 0) {
      throw ImageFault.corrupt(at, "found bitmaps extension with zero bitmaps");
    }
    if (!geometry.aligned(offset)) {
      throw ImageFault.corrupt(
          at + DIRECTORY_OFFSET, "bitmaps_ext: invalid bitmap directory offset");
    }
    if (size < 0 || size > MAX_DIRECTORY) {
      throw ImageFault.corrupt(
          at + DIRECTORY_SIZE,
          "bitmaps_ext: bitmap directory size ("
              + Long.toUnsignedString(size)
              + ") exceeds the maximum supported size ("
              + MAX_DIRECTORY
              + ")");
    }
    return new Layout.Directory(count, offset, size);
  }
}

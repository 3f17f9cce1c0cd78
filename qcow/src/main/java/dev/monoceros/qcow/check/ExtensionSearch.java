package dev.monoceros.qcow.check;

import dev.monoceros.qcow.bitmap.BitmapsExtension;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderExtension;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Finds the bitmap directory among header extensions that nobody has looked at yet. */
final class ExtensionSearch {
  private ExtensionSearch() {}

  /**
   * The directory; none if the autoclear bit says that it is stale.
   *
   * @param cluster the first of the image
   * @param start header length
   */
  static BitmapsExtension bitmaps(ByteBuffer cluster, int start, long autoclear, Geometry geometry)
      throws ImageFault {
    long name = cluster.getLong(HeaderField.BACKING_FILE_OFFSET);
    if (name < 0 || name > cluster.limit()) {
      throw ImageFault.corrupt(HeaderField.BACKING_FILE_OFFSET, "Invalid backing file offset");
    }
    long end = name == 0 ? cluster.limit() : name;
    long at = start;
    BitmapsExtension found = BitmapsExtension.NONE;
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
      if (type == HeaderExtension.BITMAPS) {
        if ((autoclear & Features.AUTOCLEAR_BITMAPS) != 0) {
          ByteBuffer bytes = cluster.slice((int) data, (int) length);
          found = BitmapsExtension.parse(bytes, data, geometry);
        } else {
          BitmapsExtension.requireLength(length, at);
        }
      }
      at = data + ((length + 7) & -8);
    }
    return found;
  }
}

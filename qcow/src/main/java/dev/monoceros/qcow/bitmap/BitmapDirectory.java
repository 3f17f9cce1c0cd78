package dev.monoceros.qcow.bitmap;

import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderExtension;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bitmap directory.
 *
 * @param offset in the file; 0 if there are no bitmaps
 * @param length in bytes
 * @param entries in the image's order
 */
public record BitmapDirectory(long offset, long length, List<BitmapEntry> entries) {
  /** There are no bitmaps. */
  static final BitmapDirectory NONE = new BitmapDirectory(0, 0, List.of());

  private static final int EXTENSION_LENGTH = 24;
  private static final int DIRECTORY_SIZE = 8;
  private static final int DIRECTORY_OFFSET = 16;
  private static final int MAX_BITMAPS = 65535;
  private static final long MAX_LENGTH = 1024L * MAX_BITMAPS;

  private static final int FLAGS_RESERVED = ~(BitmapEntry.IN_USE | BitmapEntry.AUTO);
  private static final int TYPE = 16;
  private static final int GRANULARITY = 17;
  private static final int NAME_LENGTH = 18;
  private static final int EXTRA_LENGTH = 20;

  /** QEMU's limit on the bytes of one bitmap. */
  static final long MAX_BITMAP_BYTES = 512L << 20;

  public BitmapDirectory {
    entries = List.copyOf(entries);
  }

  /**
   * Reads the directory. If the autoclear bit is off, somebody changed the disk without keeping the
   * bitmaps, so there are none.
   *
   * @throws ImageFault CORRUPT, in QEMU's words
   */
  public static BitmapDirectory read(OrderedFile file, Header header) throws ImageFault {
    if ((header.autoclear() & Features.AUTOCLEAR_BITMAPS) == 0) {
      return NONE;
    }
    for (HeaderExtension extension : header.extensions()) {
      if (extension.type() == HeaderExtension.BITMAPS) {
        return read(file, header.geometry(), extension);
      }
    }
    return NONE;
  }

  private static BitmapDirectory read(OrderedFile file, Geometry geometry, HeaderExtension where)
      throws ImageFault {
    require(where.length() == EXTENSION_LENGTH, where, "bitmaps_ext: Invalid extension length");
    ByteBuffer data = ByteBuffer.allocate(EXTENSION_LENGTH);
    file.read(data, where.offset());
    long count = Integer.toUnsignedLong(data.getInt(0));
    require(data.getInt(Integer.BYTES) == 0, where, "bitmaps_ext: Reserved field is not zero");
    require(
        count <= MAX_BITMAPS,
        where,
        "bitmaps_ext: Image has "
            + count
            + " bitmaps, exceeding the QEMU supported maximum of "
            + MAX_BITMAPS);
    require(count != 0, where, "found bitmaps extension with zero bitmaps");
    long length = data.getLong(DIRECTORY_SIZE);
    long offset = data.getLong(DIRECTORY_OFFSET);
    require(
        offset > 0 && geometry.aligned(offset) && offset < file.size(),
        where,
        "bitmaps_ext: invalid bitmap directory offset");
    require(
        length > 0 && length <= MAX_LENGTH,
        where,
        "bitmaps_ext: bitmap directory size ("
            + length
            + ") exceeds the maximum supported size ("
            + MAX_LENGTH
            + ")");
    require(
        length <= geometry.roundUp(file.size()) - offset, where, "Failed to read bitmap directory");
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    file.read(bytes, offset);
    return new BitmapDirectory(offset, length, parse(bytes.flip(), geometry, offset, count));
  }

  private static List<BitmapEntry> parse(
      ByteBuffer bytes, Geometry geometry, long offset, long count) throws ImageFault {
    List<BitmapEntry> entries = new ArrayList<>();
    int at = 0;
    while (at <= bytes.limit() - BitmapEntry.FIXED) {
      int nameLength = Short.toUnsignedInt(bytes.getShort(at + NAME_LENGTH));
      if (bytes.getInt(at + EXTRA_LENGTH) != 0) {
        throw ImageFault.unsupported(offset + at, "Bitmap extra data is not supported");
      }
      long end = (long) at + BitmapEntry.FIXED + nameLength;
      if (entries.size() == count || end > bytes.limit()) {
        throw ImageFault.corrupt(offset + at, "Broken bitmap directory");
      }
      byte[] name = new byte[nameLength];
      bytes.get(at + BitmapEntry.FIXED, name);
      BitmapEntry entry =
          new BitmapEntry(
              bytes.getLong(at),
              bytes.getInt(at + Long.BYTES),
              bytes.getInt(at + BitmapEntry.FLAGS),
              Byte.toUnsignedInt(bytes.get(at + GRANULARITY)),
              new String(name, StandardCharsets.UTF_8));
      if (!sound(entry, bytes.get(at + TYPE), nameLength, geometry)) {
        throw ImageFault.corrupt(
            offset + at, "Bitmap '" + entry.name() + "' doesn't satisfy the constraints");
      }
      entries.add(entry);
      at += entry.length();
    }
    if (entries.size() != count) {
      throw ImageFault.corrupt(offset, "Less bitmaps found than specified in header extension");
    }
    return entries;
  }

  private static boolean sound(BitmapEntry e, int type, int nameLength, Geometry geometry) {
    long tableBytes = (long) e.tableEntries() * Long.BYTES;
    return (e.flags() & FLAGS_RESERVED) == 0
        && type == BitmapEntry.TYPE_DIRTY_TRACKING
        && nameLength > 0
        && nameLength <= BitmapEntry.MAX_NAME
        && e.granularityBits() >= BitmapEntry.MIN_GRANULARITY_BITS
        && e.granularityBits() <= BitmapEntry.MAX_GRANULARITY_BITS
        && e.tableOffset() > 0
        && geometry.aligned(e.tableOffset())
        && tableBytes > 0
        && (long) e.tableEntries() << geometry.clusterBits() <= MAX_BITMAP_BYTES + Long.BYTES;
  }

  private static void require(boolean condition, HeaderExtension where, String otherwise)
      throws ImageFault {
    if (!condition) {
      throw ImageFault.corrupt(where.offset(), otherwise);
    }
  }

  /** The directory's bytes for these entries. */
  static ByteBuffer encode(List<BitmapEntry> entries) throws ImageFault {
    long length = entries.stream().mapToLong(BitmapEntry::length).sum();
    if (entries.size() > MAX_BITMAPS) {
      throw new ImageFault(
          ErrorKind.NO_SPACE,
          ImageFault.NO_OFFSET,
          "Maximum number of persistent bitmaps is already reached");
    }
    if (length > MAX_LENGTH) {
      throw new ImageFault(
          ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "Not enough space in the bitmap directory");
    }
    ByteBuffer out = ByteBuffer.allocate((int) length);
    entries.forEach(entry -> entry.put(out));
    return out.flip();
  }

  /** Data of the header extension for a directory there. */
  static byte[] extension(int count, long length, long offset) {
    return ByteBuffer.allocate(EXTENSION_LENGTH)
        .putInt(count)
        .putInt(0)
        .putLong(length)
        .putLong(offset)
        .array();
  }

  /** The entry of that name. */
  public Optional<BitmapEntry> find(String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  /** The entry of that name, or the fault that there is none. */
  public BitmapEntry require(String name) throws ImageFault {
    Optional<BitmapEntry> found = find(name);
    if (found.isEmpty()) {
      throw new ImageFault(
          ErrorKind.NOT_FOUND, ImageFault.NO_OFFSET, "Dirty bitmap '" + name + "' not found");
    }
    return found.get();
  }

  /** The same, and its bits can be trusted. */
  public BitmapEntry requireUsable(String name) throws ImageFault {
    BitmapEntry entry = require(name);
    requireConsistent(entry);
    return entry;
  }

  /** Fails if some bitmap was not saved properly. */
  public void requireAllUsable() throws ImageFault {
    for (BitmapEntry entry : entries) {
      requireConsistent(entry);
    }
  }

  private static void requireConsistent(BitmapEntry entry) throws ImageFault {
    if (entry.inUse()) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "Bitmap '" + entry.name() + "' is inconsistent and cannot be used");
    }
  }

  /** Where the flags of entry {@code index} are in the file. */
  long flagsOffset(int index) {
    long at = offset;
    for (int i = 0; i < index; i++) {
      at += entries.get(i).length();
    }
    return at + BitmapEntry.FLAGS;
  }
}

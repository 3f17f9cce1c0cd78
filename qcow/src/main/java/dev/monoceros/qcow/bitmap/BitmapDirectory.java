package dev.monoceros.qcow.bitmap;

import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderExtension;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
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
        return read(file, header, extension);
      }
    }
    return NONE;
  }

  private static BitmapDirectory read(OrderedFile file, Header header, HeaderExtension extension)
      throws ImageFault {
    BitmapsExtension.requireLength(extension.length(), extension.offset());
    ByteBuffer data = ByteBuffer.allocate(BitmapsExtension.BYTES);
    file.read(data, extension.offset());
    BitmapsExtension where =
        BitmapsExtension.parse(data.flip(), extension.offset(), header.geometry());
    return read(file, header.geometry(), header.size(), where);
  }

  /**
   * Reads the directory, also for a check. Where the tables lie is not looked at: they may be
   * anywhere, even at negative offsets.
   *
   * @param diskSize in bytes, which the bitmaps must cover
   * @throws ImageFault CORRUPT or UNSUPPORTED, in QEMU's words, at the first entry that is unsound
   */
  public static BitmapDirectory read(
      OrderedFile file, Geometry geometry, long diskSize, BitmapsExtension where)
      throws ImageFault {
    if (where.length() == 0) {
      throw ImageFault.corrupt(where.offset(), "Requested bitmap directory size is zero");
    }
    if (where.offset() < 0 || where.length() > geometry.roundUp(file.size()) - where.offset()) {
      throw ImageFault.corrupt(where.offset(), "Failed to read bitmap directory");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) where.length());
    file.read(bytes, where.offset());
    List<BitmapEntry> entries = parse(bytes.flip(), geometry, diskSize, where);
    return new BitmapDirectory(where.offset(), where.length(), entries);
  }

  private static List<BitmapEntry> parse(
      ByteBuffer bytes, Geometry geometry, long diskSize, BitmapsExtension where)
      throws ImageFault {
    List<BitmapEntry> entries = new ArrayList<>();
    int at = 0;
    while (at < bytes.limit()) {
      long place = where.offset() + at;
      if (at + BitmapEntry.FIXED > bytes.limit()) {
        throw ImageFault.corrupt(place, "Broken bitmap directory");
      }
      if (entries.size() == where.count()) {
        throw ImageFault.corrupt(place, "More bitmaps found than specified in header extension");
      }
      long end = at + BitmapEntry.lengthAt(bytes, at);
      if (end > bytes.limit()) {
        throw ImageFault.corrupt(place, "Broken bitmap directory");
      }
      if (BitmapEntry.hasExtra(bytes, at)) {
        throw ImageFault.unsupported(place, "Bitmap extra data is not supported");
      }
      BitmapEntry entry = BitmapEntry.get(bytes, at);
      if (!BitmapEntry.isBitmap(bytes, at) || !entry.sound(geometry, diskSize)) {
        throw entry.unsound(place);
      }
      entries.add(entry);
      at = (int) end;
    }
    if (entries.size() < where.count()) {
      throw ImageFault.corrupt(
          where.offset(), "Less bitmaps found than specified in header extension");
    }
    return entries;
  }

  /** The directory's bytes for these entries. */
  static ByteBuffer encode(List<BitmapEntry> entries) throws ImageFault {
    long length = entries.stream().mapToLong(BitmapEntry::length).sum();
    if (entries.size() > BitmapsExtension.MAX_BITMAPS) {
      throw new ImageFault(
          ErrorKind.NO_SPACE,
          ImageFault.NO_OFFSET,
          "Maximum number of persistent bitmaps is already reached");
    }
    if (length > BitmapsExtension.MAX_LENGTH) {
      throw new ImageFault(
          ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "Not enough space in the bitmap directory");
    }
    ByteBuffer out = ByteBuffer.allocate((int) length);
    entries.forEach(entry -> entry.put(out));
    return out.flip();
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

package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bitmap directory, section "Bitmap directory": where the tables are. */
record BitmapDirectory(List<Table> tables) {
  private static final int FIXED_BYTES = 24;
  private static final int TABLE_OFFSET = 0;
  private static final int TABLE_SIZE = 8;
  private static final int FLAGS = 12;
  private static final int TYPE = 16;
  private static final int GRANULARITY = 17;
  private static final int NAME_SIZE = 18;
  private static final int EXTRA_SIZE = 20;
  private static final int ALIGNMENT = 8;

  private static final int FLAG_IN_USE = 1;
  private static final int RESERVED_FLAGS = ~3;
  private static final int TYPE_DIRTY_TRACKING = 1;

  /** QEMU's limits. */
  private static final long MAX_TABLE_ENTRIES = 0x8000000;

  private static final long MAX_BITMAP_BYTES = 0x20000000;
  private static final int MIN_GRANULARITY_BITS = 9;
  private static final int MAX_GRANULARITY_BITS = 31;
  private static final int MAX_NAME = 1023;

  /**
   * @param entries of the table, at least 1
   */
  record Table(long offset, long entries) {}

  /**
   * @throws ImageFault CORRUPT with QEMU's sentence if it cannot be followed
   */
  static BitmapDirectory read(OrderedFile file, Layout layout) throws ImageFault {
    Layout.Directory place = layout.bitmaps();
    if (place.length() == 0) {
      throw fault(place.offset(), "Requested bitmap directory size is zero");
    }
    if (place.offset() < 0
        || place.length() > layout.geometry().roundUp(file.size()) - place.offset()) {
      throw fault(place.offset(), "Failed to read bitmap directory");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) place.length());
    file.read(bytes, place.offset());
    return new BitmapDirectory(parse(bytes.flip(), layout));
  }

  private static List<Table> parse(ByteBuffer bytes, Layout layout) throws ImageFault {
    List<Table> tables = new ArrayList<>();
    long place = layout.bitmaps().offset();
    int at = 0;
    while (at < bytes.limit()) {
      if (at + FIXED_BYTES > bytes.limit()) {
        throw fault(place + at, "Broken bitmap directory");
      }
      if (tables.size() == layout.bitmaps().count()) {
        throw fault(place + at, "More bitmaps found than specified in header extension");
      }
      int name = Short.toUnsignedInt(bytes.getShort(at + NAME_SIZE));
      long extra = Integer.toUnsignedLong(bytes.getInt(at + EXTRA_SIZE));
      long end = (at + FIXED_BYTES + extra + name + ALIGNMENT - 1) & -ALIGNMENT;
      if (end > bytes.limit()) {
        throw fault(place + at, "Broken bitmap directory");
      }
      if (extra != 0) {
        throw fault(place + at, "Bitmap extra data is not supported");
      }
      if (!valid(bytes, at, name, layout)) {
        String text = StandardCharsets.UTF_8.decode(bytes.slice(at + FIXED_BYTES, name)).toString();
        throw fault(
            place + at,
            "Bitmap '" + text.replaceAll("\\p{Cntrl}", "?") + "' doesn't satisfy the constraints");
      }
      tables.add(
          new Table(
              bytes.getLong(at + TABLE_OFFSET),
              Integer.toUnsignedLong(bytes.getInt(at + TABLE_SIZE))));
      at = (int) end;
    }
    if (tables.size() < layout.bitmaps().count()) {
      throw fault(place, "Less bitmaps found than specified in header extension");
    }
    return List.copyOf(tables);
  }

  private static boolean valid(ByteBuffer bytes, int at, int name, Layout layout) {
    Geometry geometry = layout.geometry();
    long offset = bytes.getLong(at + TABLE_OFFSET);
    long entries = Integer.toUnsignedLong(bytes.getInt(at + TABLE_SIZE));
    int flags = bytes.getInt(at + FLAGS);
    int granularity = Byte.toUnsignedInt(bytes.get(at + GRANULARITY));
    if (entries == 0
        || entries > MAX_TABLE_ENTRIES
        || offset == 0
        || !geometry.aligned(offset)
        || granularity < MIN_GRANULARITY_BITS
        || granularity > MAX_GRANULARITY_BITS
        || (flags & RESERVED_FLAGS) != 0
        || name > MAX_NAME
        || bytes.get(at + TYPE) != TYPE_DIRTY_TRACKING) {
      return false;
    }
    long bitmapBytes = entries << geometry.clusterBits();
    // Eight bits a byte, each for 2^granularity bytes of disk: below 2^63, by the limits above.
    return bitmapBytes <= MAX_BITMAP_BYTES
        && ((flags & FLAG_IN_USE) != 0
            || layout.size() <= (bitmapBytes * Byte.SIZE) << granularity);
  }

  private static ImageFault fault(long offset, String sentence) {
    return ImageFault.corrupt(offset, sentence);
  }
}

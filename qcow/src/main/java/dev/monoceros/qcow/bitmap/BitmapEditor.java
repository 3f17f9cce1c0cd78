package dev.monoceros.qcow.bitmap;

import dev.monoceros.qcow.admin.ImageRewrite;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderExtension;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes bitmaps within an {@link ImageRewrite}: directory, tables and bits go to new clusters,
 * and the header's extension leads to the directory that is valid.
 */
public final class BitmapEditor {
  private static final int MIN_DEFAULT_GRANULARITY_BITS = 12;
  private static final int MAX_DEFAULT_GRANULARITY_BITS = 16;

  /** Table entry of a piece of ones: "all bits set", without a cluster. */
  private static final long ALL_ONES = 1;

  private static final long TABLE_RESERVED = 0xff00_0000_0000_01feL;

  private final ImageRewrite rewrite;
  private final Geometry geometry;
  private final BitmapDirectory directory;
  private final List<BitmapEntry> entries;

  public BitmapEditor(ImageRewrite rewrite) throws ImageFault {
    this.rewrite = rewrite;
    this.geometry = rewrite.geometry();
    this.directory = BitmapDirectory.read(rewrite.file(), rewrite.header());
    this.entries = new ArrayList<>(directory.entries());
  }

  /** Adds one of zeros; see {@link dev.monoceros.qcow.Bitmaps#add}. */
  public void add(String name, long granularity, boolean enabled) throws ImageFault {
    if (rewrite.header().version() < 3) {
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "Cannot store dirty bitmaps in qcow2 v2 files");
    }
    if (directory.find(name).isPresent()) {
      throw new ImageFault(
          ErrorKind.EXISTS, ImageFault.NO_OFFSET, "Bitmap already exists: " + name);
    }
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    require(length > 0, "Bitmap name cannot be empty");
    require(
        length <= BitmapEntry.MAX_NAME,
        "Name length exceeds maximum (" + BitmapEntry.MAX_NAME + " characters)");
    int bits = granularityBits(granularity);
    BitmapBits zeros = bits(bits);
    BitmapEntry entry = BitmapEntry.of(name, bits, enabled ? BitmapEntry.AUTO : 0);
    entries.add(stored(entry, zeros));
    store();
  }

  private int granularityBits(long granularity) throws ImageFault {
    if (granularity == 0) {
      return Math.clamp(
          geometry.clusterBits(), MIN_DEFAULT_GRANULARITY_BITS, MAX_DEFAULT_GRANULARITY_BITS);
    }
    int bits = Long.numberOfTrailingZeros(granularity);
    require(
        granularity > 0
            && Long.bitCount(granularity) == 1
            && bits >= BitmapEntry.MIN_GRANULARITY_BITS
            && bits <= BitmapEntry.MAX_GRANULARITY_BITS,
        "Granularity must be power of 2 and at least 512");
    return bits;
  }

  private BitmapBits bits(int granularityBits) throws ImageFault {
    return bits(granularityBits, rewrite.header().size());
  }

  private BitmapBits bits(int granularityBits, long size) throws ImageFault {
    long pieces = BitmapBits.pieces(granularityBits, geometry.clusterSize(), size);
    if (pieces << geometry.clusterBits() > BitmapDirectory.MAX_BITMAP_BYTES) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "Too much space will be occupied by the bitmap. Use larger granularity");
    }
    return new BitmapBits(granularityBits, geometry.clusterSize(), size);
  }

  private static void require(boolean condition, String otherwise) throws ImageFault {
    if (!condition) {
      throw new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, otherwise);
    }
  }

  public void remove(String name) throws ImageFault {
    BitmapEntry entry = directory.require(name);
    release(entry);
    entries.remove(entry);
    store();
  }

  /** Frees all of them; the header will name none. */
  public void removeAll() throws ImageFault {
    for (BitmapEntry entry : directory.entries()) {
      release(entry);
    }
    entries.clear();
    store();
  }

  public void clear(String name) throws ImageFault {
    BitmapEntry entry = directory.requireUsable(name);
    replace(entry, bits(entry.granularityBits()), entry.flags());
    store();
  }

  /**
   * @param on whether it is to track writes
   */
  public void enable(String name, boolean on) throws ImageFault {
    BitmapEntry entry = directory.requireUsable(name);
    int flags = on ? entry.flags() | BitmapEntry.AUTO : entry.flags() & ~BitmapEntry.AUTO;
    entries.set(entries.indexOf(entry), entry.withFlags(flags));
    store();
  }

  /** Sets in {@code name} the bits of another. */
  public void merge(String name, BitmapBits source) throws ImageFault {
    BitmapEntry entry = directory.requireUsable(name);
    long size = rewrite.header().size();
    require(
        source.diskSize() == size,
        "Bitmaps are of different sizes (destination size is "
            + size
            + ", source size is "
            + source.diskSize()
            + ") and can't be merged");
    BitmapBits merged = read(rewrite.file(), rewrite.header(), entry);
    merged.merge(source);
    replace(entry, merged, entry.flags());
    store();
  }

  /** Stores bits that were kept in memory, and says that they are good. */
  void save(String name, BitmapBits bits) throws ImageFault {
    BitmapEntry entry = directory.require(name);
    replace(entry, bits, entry.flags() & ~BitmapEntry.IN_USE);
  }

  /** Gives all of them the length for another disk size. */
  public void resize(long newSize) throws ImageFault {
    directory.requireAllUsable();
    if (directory.entries().isEmpty()) {
      return;
    }
    for (BitmapEntry entry : directory.entries()) {
      bits(entry.granularityBits(), newSize);
      BitmapBits old = read(rewrite.file(), rewrite.header(), entry);
      replace(entry, old.resized(newSize), entry.flags());
    }
    store();
  }

  private void replace(BitmapEntry entry, BitmapBits bits, int flags) throws ImageFault {
    release(entry);
    entries.set(entries.indexOf(entry), stored(entry.withFlags(flags), bits));
  }

  private BitmapEntry stored(BitmapEntry entry, BitmapBits bits) throws ImageFault {
    // A disk of no bytes has a bitmap of no bits, and a table can have no less than an entry.
    long[] table = new long[Math.max(1, bits.pieces())];
    for (int i = 0; i < bits.pieces(); i++) {
      if (bits.ones(i)) {
        table[i] = ALL_ONES;
      } else if (!bits.zeros(i)) {
        table[i] = rewrite.place(ByteBuffer.wrap(bits.piece(i)));
      }
    }
    return entry.withTable(rewrite.place(table), table.length);
  }

  private void release(BitmapEntry entry) throws ImageFault {
    for (long piece : table(rewrite.file(), rewrite.header(), entry)) {
      if (TableEntry.hostOffset(piece) != 0) {
        rewrite.release(TableEntry.hostOffset(piece), geometry.clusterSize());
      }
    }
    rewrite.release(entry.tableOffset(), (long) entry.tableEntries() * TableEntry.BYTES);
  }

  /** Makes the entries the image's directory. */
  void store() throws ImageFault {
    if (directory.offset() != 0) {
      rewrite.release(directory.offset(), directory.length());
    }
    long autoclear = rewrite.draft().autoclear() & ~Features.AUTOCLEAR_BITMAPS;
    if (entries.isEmpty()) {
      rewrite.draft().remove(HeaderExtension.BITMAPS);
    } else {
      ByteBuffer bytes = BitmapDirectory.encode(entries);
      int length = bytes.remaining();
      byte[] data = BitmapsExtension.encode(entries.size(), length, rewrite.place(bytes));
      rewrite.draft().put(HeaderExtension.BITMAPS, data);
      autoclear |= Features.AUTOCLEAR_BITMAPS;
    }
    rewrite
        .draft()
        .features(rewrite.draft().incompatible(), rewrite.draft().compatible(), autoclear);
  }

  /** The bits of an entry, as the file holds them. */
  public static BitmapBits read(OrderedFile file, Header header, BitmapEntry entry)
      throws ImageFault {
    int clusterSize = header.geometry().clusterSize();
    long pieces = BitmapBits.pieces(entry.granularityBits(), clusterSize, header.size());
    long[] table = table(file, header, entry);
    if (Math.max(1, pieces) != table.length) {
      throw unreadable(entry);
    }
    BitmapBits bits = new BitmapBits(entry.granularityBits(), clusterSize, header.size());
    for (int i = 0; i < pieces; i++) {
      long offset = TableEntry.hostOffset(table[i]);
      if (offset != 0) {
        byte[] piece = new byte[clusterSize];
        file.read(ByteBuffer.wrap(piece), offset);
        bits.load(i, piece);
      } else if (table[i] == ALL_ONES) {
        bits.loadOnes(i);
      }
    }
    return bits;
  }

  private static long[] table(OrderedFile file, Header header, BitmapEntry entry)
      throws ImageFault {
    Geometry geometry = header.geometry();
    long length = (long) entry.tableEntries() * TableEntry.BYTES;
    if (entry.tableOffset() < 0 || length > geometry.roundUp(file.size()) - entry.tableOffset()) {
      throw unreadable(entry);
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    file.read(bytes, entry.tableOffset());
    long[] table = new long[entry.tableEntries()];
    bytes.flip().asLongBuffer().get(table);
    for (long piece : table) {
      long offset = TableEntry.hostOffset(piece);
      boolean sound =
          (piece & TABLE_RESERVED) == 0
              && geometry.aligned(offset)
              && offset < file.size()
              && (offset == 0 || (piece & ALL_ONES) == 0);
      if (!sound) {
        throw unreadable(entry);
      }
    }
    return table;
  }

  private static ImageFault unreadable(BitmapEntry entry) {
    return ImageFault.corrupt(
        entry.tableOffset(),
        "Could not read bitmap_table table from image for bitmap '" + entry.name() + "'");
  }
}

package dev.monoceros.qcow.map;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;

/**
 * Entries of L2 tables in one shape, whichever the image has: a descriptor and the bitmap of
 * section "Extended L2 Entries". A standard entry is taken as one with a single subcluster, its
 * zero flag moved to bit 32 of the bitmap and bit 0 set where there is data.
 */
public final class L2Entries {
  /** Bitmap bits 0 to 31: allocated; 32 to 63: reads as zero. */
  private static final int ZERO_SHIFT = 32;

  private static final int WORD_BITS = 3;

  private static final long RESERVED = ~(TableEntry.COPIED | TableEntry.OFFSET);

  private final Geometry geometry;
  private final int version;
  private final boolean extended;
  private final boolean external;
  private final int entryBits;
  private final long notPlain;
  private final long allAllocated;

  L2Entries(Geometry geometry, int version, boolean external) {
    this.geometry = geometry;
    this.version = version;
    this.extended = geometry.extendedL2();
    this.external = external;
    this.entryBits = geometry.l2EntryBits();
    // The zero flag of a standard entry is one of these bits, the compressed flag another.
    this.notPlain = RESERVED | (geometry.clusterSize() - 1);
    this.allAllocated = (1L << geometry.subclusters()) - 1;
  }

  /** Number of entries in a slice, as far as they are in memory from the one asked for on. */
  public int count(CachedTable table) {
    return table.entries() << WORD_BITS >>> entryBits;
  }

  /** Where entry {@code index} is in the file. */
  long offsetOf(CachedTable table, int index) {
    return table.offset() + ((long) index << entryBits);
  }

  private long word(CachedTable table, int index) {
    return table.word(index << entryBits);
  }

  /** The descriptor: offset and flags, without a standard entry's zero flag. */
  public long descriptor(CachedTable table, int index) {
    long word = word(table, index);
    return extended || TableEntry.compressed(word) ? word : word & ~TableEntry.ZERO;
  }

  /** The state of the subclusters; zero for a compressed cluster. */
  public long bitmap(CachedTable table, int index) {
    long word = word(table, index);
    if (TableEntry.compressed(word)) {
      return 0;
    }
    if (extended) {
      return table.word((index << entryBits) + Long.BYTES);
    }
    if ((word & TableEntry.ZERO) != 0) {
      return 1L << ZERO_SHIFT;
    }
    return placed(word) ? 1 : 0;
  }

  /** Changes an entry in memory. */
  public void set(CachedTable table, int index, long descriptor, long bitmap) {
    int at = index << entryBits;
    if (extended) {
      table.bytes().putLong(at, descriptor).putLong(at + Long.BYTES, bitmap);
    } else {
      table.bytes().putLong(at, descriptor | (bitmap == 0 ? 0 : bitmap >>> ZERO_SHIFT));
    }
    table.markDirty(at, 1 << entryBits);
  }

  /** True if the entry is all data of an uncompressed cluster, and without defects. */
  boolean plainData(CachedTable table, int index, long guestOffset) {
    long word = word(table, index);
    long host = word & TableEntry.OFFSET;
    if ((word & notPlain) != 0) {
      return false;
    }
    if (external) {
      return host == clusterStart(guestOffset)
          && placed(word)
          && (!extended || bitmap(table, index) == allAllocated);
    }
    return host != 0 && (!extended || bitmap(table, index) == allAllocated);
  }

  /** The same of a cluster that no snapshot shares: the guest may write to it in place. */
  public boolean ownData(CachedTable table, int index, long guestOffset) {
    return TableEntry.copied(word(table, index)) && plainData(table, index, guestOffset);
  }

  private long clusterStart(long guestOffset) {
    return guestOffset & -(long) geometry.clusterSize();
  }

  /**
   * True if a descriptor gives a place to an uncompressed cluster. "The offset may only be 0 with
   * bit 63 set (indicating a host cluster offset of 0) when an external data file is used."
   */
  public boolean placed(long descriptor) {
    if (TableEntry.compressed(descriptor)) {
      return false;
    }
    return (descriptor & TableEntry.OFFSET) != 0 || (external && TableEntry.copied(descriptor));
  }

  /** True if the entry has neither a place nor compressed data; zero flags it may have. */
  public boolean vacant(CachedTable table, int index) {
    long descriptor = descriptor(table, index);
    return descriptor == 0 && (bitmap(table, index) & allAllocated) == 0;
  }

  /** Bitmap of a cluster that is all data. */
  public long allAllocated() {
    return allAllocated;
  }

  /** Bitmap of a cluster that reads as zero. */
  public long allZero() {
    return allAllocated << ZERO_SHIFT;
  }

  /** Allocation bits of subclusters {@code first} to {@code last}. */
  public static long allocated(int first, int last) {
    return ((1L << (last - first + 1)) - 1) << first;
  }

  /** Zero bits of subclusters {@code first} to {@code last}. */
  public static long zero(int first, int last) {
    return allocated(first, last) << ZERO_SHIFT;
  }

  /** The bitmap after data was written to subclusters {@code first} to {@code last}. */
  public static long withData(long bitmap, int first, int last) {
    return (bitmap | allocated(first, last)) & ~zero(first, last);
  }

  /** The bitmap after subclusters {@code first} to {@code last} were zeroed. */
  public static long withZero(long bitmap, int first, int last) {
    return (bitmap | zero(first, last)) & ~allocated(first, last);
  }

  /** True if subcluster {@code index} has data in the cluster. */
  public static boolean isAllocated(long bitmap, int index) {
    return (bitmap >>> index & 1) != 0;
  }

  /** True if subcluster {@code index} reads as zero. */
  public static boolean isZero(long bitmap, int index) {
    return (bitmap >>> ZERO_SHIFT >>> index & 1) != 0;
  }

  /** Why an entry cannot be followed, or null. */
  String defect(CachedTable table, int index, long guestOffset, long fileSize) {
    long word = word(table, index);
    if (TableEntry.compressed(word)) {
      return external ? "is a compressed cluster in an image with an external data file" : null;
    }
    String defect = wordDefect(word);
    if (defect != null) {
      return defect;
    }
    long host = TableEntry.hostOffset(word);
    if (!placed(word)) {
      return extended && (bitmap(table, index) & allAllocated) != 0
          ? "has allocated subclusters without a cluster"
          : null;
    }
    if (external && host != clusterStart(guestOffset)) {
      return "leads to offset " + host + " of the data file, not to the disk offset";
    }
    return !external && host >= fileSize
        ? "points beyond the end of the file"
        : bitmapDefect(table, index);
  }

  private String wordDefect(long word) {
    if (!extended && !external) {
      return TableEntry.l2Defect(word, geometry, version);
    }
    long flags = extended ? 0 : TableEntry.ZERO;
    if ((word & RESERVED & ~flags) != 0) {
      return "has reserved bits set";
    }
    if (!geometry.aligned(TableEntry.hostOffset(word))) {
      return "points into the middle of a cluster";
    }
    boolean header = TableEntry.hostOffset(word) == 0 && TableEntry.copied(word) && !external;
    return header ? "points at the header" : null;
  }

  private String bitmapDefect(CachedTable table, int index) {
    long bitmap = bitmap(table, index);
    return (bitmap & bitmap >>> ZERO_SHIFT) == 0
        ? null
        : "has subclusters that are allocated and read as zero";
  }
}

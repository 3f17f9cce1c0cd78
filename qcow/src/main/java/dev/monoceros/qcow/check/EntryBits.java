package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;

/** Bits of table entries, sections "Cluster mapping", "Bitmaps" and "Host cluster management". */
final class EntryBits {
  static final long COPIED = 1L << 63;
  static final long COMPRESSED = 1L << 62;
  static final long ZERO = 1L;

  /** Host offset of an L1, L2 or bitmap table entry: bits 9 to 55. */
  static final long OFFSET = 0x00ff_ffff_ffff_fe00L;

  static final long L1_RESERVED = 0x7f00_0000_0000_01ffL;
  static final long L2_RESERVED = 0x3f00_0000_0000_01feL;
  static final long REFCOUNT_TABLE_RESERVED = 0x1ffL;
  static final long BITMAP_RESERVED = 0xff00_0000_0000_01feL;
  static final long BITMAP_ALL_ONES = 1L;

  /** Low half of an extended L2 entry's bitmap: allocated subclusters; the high half: zeros. */
  static final long SUBCLUSTERS_ALLOCATED = 0xffff_ffffL;

  private static final int SECTOR_BITS = 9;

  /** The two flags above the sector count and offset of a compressed cluster. */
  private static final int COMPRESSED_BITS = 62;

  private EntryBits() {}

  /** Where the offset of a compressed cluster ends: 62 - (cluster_bits - 8). */
  private static int compressedShift(Geometry geometry) {
    return COMPRESSED_BITS - (geometry.clusterBits() - Byte.SIZE);
  }

  static long compressedOffset(long entry, Geometry geometry) {
    return entry & ((1L << compressedShift(geometry)) - 1);
  }

  /** Bytes from the compressed data's first to the end of its last sector. */
  static long compressedBytes(long entry, Geometry geometry) {
    int shift = compressedShift(geometry);
    long mask = (1L << (geometry.clusterBits() - Byte.SIZE)) - 1;
    long sectors = ((entry >>> shift) & mask) + 1;
    long inSector = compressedOffset(entry, geometry) & ((1 << SECTOR_BITS) - 1);
    return (sectors << SECTOR_BITS) - inSector;
  }
}

package dev.monoceros.qcow.format;

/**
 * Entries of the L1 and L2 tables, section "Cluster mapping". An L2 entry is handled as the bare
 * {@code long} of the image: the hit path must not allocate.
 */
public final class TableEntry {
  /** Size of an L1, L2 or refcount table entry in bytes. */
  public static final int BYTES = Long.BYTES;

  /** Bit 63: the refcount is exactly one, so the cluster may be written in place. */
  public static final long COPIED = 1L << 63;

  /** L2 bit 62. */
  private static final long COMPRESSED = 1L << 62;

  /** L2 bit 0, version 3. */
  public static final long ZERO = 1L;

  /** Bits 9 to 55. */
  public static final long OFFSET = 0x00ff_ffff_ffff_fe00L;

  private static final long L1_RESERVED = ~(COPIED | OFFSET);
  private static final long L2_RESERVED = ~(COPIED | COMPRESSED | ZERO | OFFSET);

  /** First byte beyond what an entry can point at. */
  public static final long MAX_HOST_OFFSET = 1L << 56;

  /** What an L2 entry says about its guest cluster. */
  public enum Kind {
    /** No host cluster; reads as zero while there is no backing file. */
    UNALLOCATED,
    /** Reads as zero, no host cluster. */
    ZERO_PLAIN,
    /** Reads as zero, with a host cluster kept for later writes. */
    ZERO_ALLOCATED,
    DATA,
    COMPRESSED
  }

  private TableEntry() {}

  /** True if the L2 entry's data is compressed; its other bits mean something else then. */
  public static boolean compressed(long entry) {
    return (entry & COMPRESSED) != 0;
  }

  public static long hostOffset(long entry) {
    return entry & OFFSET;
  }

  public static boolean copied(long entry) {
    return (entry & COPIED) != 0;
  }

  /** An entry for a cluster of which this is the only user. */
  public static long toOwned(long hostOffset) {
    return hostOffset | COPIED;
  }

  public static Kind kind(long entry) {
    if ((entry & COMPRESSED) != 0) {
      return Kind.COMPRESSED;
    }
    boolean placed = (entry & OFFSET) != 0;
    if ((entry & ZERO) != 0) {
      return placed ? Kind.ZERO_ALLOCATED : Kind.ZERO_PLAIN;
    }
    return placed ? Kind.DATA : Kind.UNALLOCATED;
  }

  /** Why this L1 entry cannot be followed, or null. */
  public static String l1Defect(long entry, Geometry geometry) {
    if ((entry & L1_RESERVED) != 0) {
      return "has reserved bits set";
    }
    return geometry.aligned(hostOffset(entry)) ? null : "points into the middle of a cluster";
  }

  /** True for an entry that {@link #l2Defect} would pass; one mask on the hit path. */
  public static boolean plainData(long entry, int clusterSize) {
    long mustBeZero = (L2_RESERVED | COMPRESSED | ZERO | (clusterSize - 1));
    return (entry & mustBeZero) == 0 && (entry & OFFSET) != 0;
  }

  /** Why this L2 entry cannot be followed, or null. */
  public static String l2Defect(long entry, Geometry geometry, int version) {
    if ((entry & COMPRESSED) != 0) {
      return null;
    }
    if ((entry & L2_RESERVED) != 0) {
      return "has reserved bits set";
    }
    if ((entry & ZERO) != 0 && version < 3) {
      return "is a zero cluster, which version 2 does not have";
    }
    if (!geometry.aligned(hostOffset(entry))) {
      return "points into the middle of a cluster";
    }
    if (hostOffset(entry) == 0 && copied(entry)) {
      return "points at the header";
    }
    return null;
  }
}

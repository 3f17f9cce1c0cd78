package dev.monoceros.qcow.format;

/**
 * Sizes that follow from cluster size, refcount width and the kind of L2 entries.
 *
 * @param clusterBits log2 of the cluster size in bytes, 9 to 21
 * @param refcountOrder log2 of the refcount width in bits, 0 to 6
 * @param extendedL2 whether L2 entries are of 128 bits and map 32 subclusters each
 */
public record Geometry(int clusterBits, int refcountOrder, boolean extendedL2) {
  /** "Must not be less than 9". */
  public static final int MIN_CLUSTER_BITS = 9;

  /** QEMU's limit, 2 MiB. */
  public static final int MAX_CLUSTER_BITS = 21;

  public static final int MAX_REFCOUNT_ORDER = 6;

  /** Width of every version 2 image: 16 bits. */
  public static final int VERSION2_REFCOUNT_ORDER = 4;

  /** "an L2 entry with extended L2 entries [maps] 32 subclusters". */
  public static final int SUBCLUSTER_BITS = 5;

  private static final int ENTRY_BYTES_BITS = 3;
  private static final int EXTENDED_ENTRY_BYTES_BITS = 4;

  /** With standard L2 entries. */
  public Geometry(int clusterBits, int refcountOrder) {
    this(clusterBits, refcountOrder, false);
  }

  /** Cluster size in bytes. */
  public int clusterSize() {
    return 1 << clusterBits;
  }

  /** Offset within its cluster. */
  public int inCluster(long offset) {
    return (int) (offset & (clusterSize() - 1));
  }

  public boolean aligned(long offset) {
    return inCluster(offset) == 0;
  }

  /** Clusters needed for {@code bytes}, 0 to 2^63 - 1. */
  public long clustersFor(long bytes) {
    return (bytes >>> clusterBits) + (inCluster(bytes) == 0 ? 0 : 1);
  }

  /** {@code bytes} rounded up to whole clusters; exact for files, whose sizes stay below 2^62. */
  public long roundUp(long bytes) {
    return Math.multiplyExact(clustersFor(bytes), (long) clusterSize());
  }

  /** log2 of the size of an L2 entry in bytes. */
  public int l2EntryBits() {
    return extendedL2 ? EXTENDED_ENTRY_BYTES_BITS : ENTRY_BYTES_BITS;
  }

  /** How many parts of a cluster have a state of their own: 32 or 1. */
  public int subclusters() {
    return extendedL2 ? 1 << SUBCLUSTER_BITS : 1;
  }

  /** log2 of the size of a subcluster in bytes, which is a cluster's without extended entries. */
  public int subclusterBits() {
    return extendedL2 ? clusterBits - SUBCLUSTER_BITS : clusterBits;
  }

  /** Size in bytes of what has a state of its own. */
  public int subclusterSize() {
    return 1 << subclusterBits();
  }

  /** Number, within its cluster, of the subcluster that holds {@code offset}. */
  public int subclusterIndex(long offset) {
    return inCluster(offset) >>> subclusterBits();
  }

  /** log2 of the number of entries in one L2 table. */
  public int l2Bits() {
    return clusterBits - l2EntryBits();
  }

  /** Bytes of guest disk under one L1 entry. */
  public long bytesPerL1Entry() {
    return 1L << (clusterBits + l2Bits());
  }

  /** L1 entries that a disk of {@code size} bytes needs. */
  public long l1EntriesFor(long size) {
    long unit = bytesPerL1Entry();
    return size / unit + (size % unit == 0 ? 0 : 1);
  }

  public int l1Index(long guestOffset) {
    return (int) (guestOffset >>> (clusterBits + l2Bits()));
  }

  public int l2Index(long guestOffset) {
    return (int) (guestOffset >>> clusterBits) & ((1 << l2Bits()) - 1);
  }

  /** Entries in one refcount block: clusterSize * 8 / refcountBits. */
  public int refcountsPerBlock() {
    return 1 << (clusterBits + ENTRY_BYTES_BITS - refcountOrder);
  }

  /** Entries in one cluster of the L1 or refcount table. */
  public int entriesPerCluster() {
    return clusterSize() >>> ENTRY_BYTES_BITS;
  }
}

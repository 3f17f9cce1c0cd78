package dev.monoceros.qcow.format;

/**
 * Sizes that follow from cluster size and refcount width.
 *
 * @param clusterBits log2 of the cluster size in bytes, 9 to 21
 * @param refcountOrder log2 of the refcount width in bits, 0 to 6
 */
public record Geometry(int clusterBits, int refcountOrder) {
  /** "Must not be less than 9". */
  public static final int MIN_CLUSTER_BITS = 9;

  /** QEMU's limit, 2 MiB. */
  public static final int MAX_CLUSTER_BITS = 21;

  public static final int MAX_REFCOUNT_ORDER = 6;

  /** Width of every version 2 image: 16 bits. */
  public static final int VERSION2_REFCOUNT_ORDER = 4;

  private static final int ENTRY_BYTES_BITS = 3;

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

  /** log2 of the number of entries in one L2 table. */
  public int l2Bits() {
    return clusterBits - ENTRY_BYTES_BITS;
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

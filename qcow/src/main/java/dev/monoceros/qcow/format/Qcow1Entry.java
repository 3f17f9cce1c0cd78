package dev.monoceros.qcow.format;

/**
 * L2 entries of QCOW version 1: 0 for nothing, the offset of a cluster, or, with bit 63, a
 * compressed cluster. Then the bits below it are the exact length of the stream, as many as the
 * cluster size has, and the rest is its offset, which need not be aligned.
 */
public final class Qcow1Entry {
  private static final int COMPRESSED_BIT = 63;

  private Qcow1Entry() {}

  public static boolean compressed(long entry) {
    return entry < 0;
  }

  private static int offsetBits(Qcow1Header header) {
    return COMPRESSED_BIT - header.clusterBits();
  }

  /** Where the stream of a compressed cluster starts. */
  public static long compressedOffset(long entry, Qcow1Header header) {
    return entry & ((1L << offsetBits(header)) - 1);
  }

  /** Length of that stream in bytes. */
  public static int compressedLength(long entry, Qcow1Header header) {
    return (int) (entry >>> offsetBits(header)) & (header.clusterSize() - 1);
  }

  /** First byte beyond what a compressed cluster's entry can point at. */
  public static long maxCompressedOffset(Qcow1Header header) {
    return 1L << offsetBits(header);
  }

  /** The entry of a compressed cluster. */
  public static long compressed(long offset, int length, Qcow1Header header) {
    return 1L << COMPRESSED_BIT | (long) length << offsetBits(header) | offset;
  }
}

package dev.monoceros.qcow.map;

/**
 * What the tables say about a stretch of the disk. An answer to be filled in again and again by
 * {@link ClusterMap#resolve}: the hit path must not allocate.
 */
public final class Mapping {
  /** {@link #hostOffset()} of what has no place in a file. */
  public static final long NO_OFFSET = -1;

  /** How the stretch is stored. */
  public enum Kind {
    /** Not here: it is what the backing file has, or zero. */
    UNALLOCATED,
    /** Reads as zero. */
    ZERO,
    DATA,
    /** In the compressed cluster that {@link Mapping#descriptor()} describes. */
    COMPRESSED
  }

  private Kind kind = Kind.UNALLOCATED;
  private long length;
  private long hostOffset;
  private long descriptor;

  void set(Kind newKind, long newLength, long newHostOffset, long newDescriptor) {
    kind = newKind;
    length = newLength;
    hostOffset = newHostOffset;
    descriptor = newDescriptor;
  }

  public Kind kind() {
    return kind;
  }

  /** Bytes that are stored this way, at least 1. */
  public long length() {
    return length;
  }

  /**
   * Where the first byte is, or has its place kept, in the file that holds the data; {@link
   * #NO_OFFSET} if nowhere.
   */
  public long hostOffset() {
    return hostOffset;
  }

  /** The L2 entry's descriptor. */
  public long descriptor() {
    return descriptor;
  }
}

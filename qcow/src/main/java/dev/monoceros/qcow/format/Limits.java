package dev.monoceros.qcow.format;

/** Bounds on what is kept in memory whole: QEMU's, because a sparse file can claim any length. */
public final class Limits {
  /** Largest L1 table in bytes, for what is created and for what is read whole when opened. */
  public static final long L1_BYTES = 32L << 20;

  /**
   * Largest L1 table in bytes that is opened: that of a disk of 2 TiB with clusters of 512 bytes.
   * QEMU neither makes nor opens one beyond {@link #L1_BYTES}.
   */
  public static final long OPENED_L1_BYTES = 512L << 20;

  /** Largest refcount table in bytes. */
  public static final long REFCOUNT_TABLE_BYTES = 8L << 20;

  private Limits() {}
}

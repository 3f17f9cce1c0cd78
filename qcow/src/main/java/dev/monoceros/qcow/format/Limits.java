package dev.monoceros.qcow.format;

/** Bounds on what is kept in memory whole: QEMU's, because a sparse file can claim any length. */
public final class Limits {
  /** Largest L1 table in bytes. */
  public static final long L1_BYTES = 32L << 20;

  /** Largest refcount table in bytes. */
  public static final long REFCOUNT_TABLE_BYTES = 8L << 20;

  private Limits() {}
}

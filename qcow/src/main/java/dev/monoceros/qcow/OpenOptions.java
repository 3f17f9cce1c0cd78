package dev.monoceros.qcow;

/**
 * How to open an image. Start from {@link #defaults()}.
 *
 * @param format {@link ImageFormat#PROBE} by default
 * @param readOnly refuse writes and share the file with other readers
 * @param snapshot keep all writes in memory, over the image opened for reading; gone at close
 * @param l2CacheSize bytes for L2 tables, or {@link #AUTO}: enough for the whole disk, up to 32 MiB
 * @param l2CacheEntrySize bytes of an L2 table that are cached as one, a power of two from 512 to
 *     the cluster size, or {@link #AUTO}: 4096
 * @param refcountCacheSize bytes for refcount blocks, or {@link #AUTO}: four blocks, which is also
 *     the least
 * @param overlayLimit bytes of guest data that a snapshot may hold in memory
 */
public record OpenOptions(
    ImageFormat format,
    boolean readOnly,
    boolean snapshot,
    long l2CacheSize,
    long l2CacheEntrySize,
    long refcountCacheSize,
    long overlayLimit) {
  /** Let the library choose. */
  public static final long AUTO = -1;

  /** Default of {@link #overlayLimit}: 2 GiB. */
  public static final long DEFAULT_OVERLAY_LIMIT = 2L << 30;

  /** Probe the format, read and write, caches sized by the library. */
  public static OpenOptions defaults() {
    return new OpenOptions(
        ImageFormat.PROBE, false, false, AUTO, AUTO, AUTO, DEFAULT_OVERLAY_LIMIT);
  }

  public OpenOptions withFormat(ImageFormat value) {
    return new OpenOptions(
        value, readOnly, snapshot, l2CacheSize, l2CacheEntrySize, refcountCacheSize, overlayLimit);
  }

  public OpenOptions withReadOnly(boolean value) {
    return new OpenOptions(
        format, value, snapshot, l2CacheSize, l2CacheEntrySize, refcountCacheSize, overlayLimit);
  }

  public OpenOptions withSnapshot(boolean value) {
    return new OpenOptions(
        format, readOnly, value, l2CacheSize, l2CacheEntrySize, refcountCacheSize, overlayLimit);
  }

  public OpenOptions withL2CacheSize(long bytes) {
    return new OpenOptions(
        format, readOnly, snapshot, bytes, l2CacheEntrySize, refcountCacheSize, overlayLimit);
  }

  public OpenOptions withL2CacheEntrySize(long bytes) {
    return new OpenOptions(
        format, readOnly, snapshot, l2CacheSize, bytes, refcountCacheSize, overlayLimit);
  }

  public OpenOptions withRefcountCacheSize(long bytes) {
    return new OpenOptions(
        format, readOnly, snapshot, l2CacheSize, l2CacheEntrySize, bytes, overlayLimit);
  }

  public OpenOptions withOverlayLimit(long bytes) {
    return new OpenOptions(
        format, readOnly, snapshot, l2CacheSize, l2CacheEntrySize, refcountCacheSize, bytes);
  }

  /** The file itself is only read: a snapshot's writes do not reach it. */
  boolean fileReadOnly() {
    return readOnly || snapshot;
  }
}

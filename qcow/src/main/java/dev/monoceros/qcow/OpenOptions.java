package dev.monoceros.qcow;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

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
 * @param cacheSize bytes for both caches together, or {@link #AUTO}; QEMU's {@code cache-size}
 * @param cacheCleanInterval seconds after which cache entries that were not used are dropped; 0
 *     never
 * @param clock monotonic time in nanoseconds, asked only for {@code cacheCleanInterval}, which does
 *     nothing with the default: there, time stands still
 * @param overlayLimit bytes of guest data that a snapshot may hold in memory
 * @param backing {@link BackingPolicy#SAME_DIRECTORY} by default
 * @param discard {@link DiscardMode#UNMAP} by default
 * @param lazyRefcounts overrides the image's own compatible bit
 * @param dataFile the external data file, instead of the one the image names; opened whatever the
 *     policy says, because it is the user who names it
 * @param forceShare take no lock; for reading what another process writes (qemu-img -U), and
 *     refused for writing
 * @param context the block graph around the image, if there is one
 * @param forCheck open even what only {@link DiskImage#check} can mend: dirty, corrupt, bad tables
 * @param describeOnly open even an encrypted image, of which only size and {@link DiskImage#info}
 *     are to be had
 * @param snapshotName id or name of an internal snapshot to see instead of the disk, for reading
 */
public record OpenOptions(
    ImageFormat format,
    boolean readOnly,
    boolean snapshot,
    long l2CacheSize,
    long l2CacheEntrySize,
    long refcountCacheSize,
    long cacheSize,
    long cacheCleanInterval,
    LongSupplier clock,
    long overlayLimit,
    BackingPolicy backing,
    DiscardMode discard,
    Optional<Boolean> lazyRefcounts,
    Optional<Path> dataFile,
    boolean forceShare,
    Optional<NodeContext> context,
    boolean forCheck,
    boolean describeOnly,
    Optional<String> snapshotName) {
  /** Let the library choose. */
  public static final long AUTO = -1;

  /** Default of {@link #overlayLimit}: 2 GiB. */
  public static final long DEFAULT_OVERLAY_LIMIT = 2L << 30;

  /** Probe the format, read and write, caches sized by the library. */
  public static OpenOptions defaults() {
    return new OpenOptions(
        ImageFormat.PROBE,
        false,
        false,
        AUTO,
        AUTO,
        AUTO,
        AUTO,
        0,
        () -> 0,
        DEFAULT_OVERLAY_LIMIT,
        BackingPolicy.SAME_DIRECTORY,
        DiscardMode.UNMAP,
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        false,
        false,
        Optional.empty());
  }

  public OpenOptions withFormat(ImageFormat value) {
    Builder b = new Builder(this);
    b.format = value;
    return b.build();
  }

  public OpenOptions withReadOnly(boolean value) {
    Builder b = new Builder(this);
    b.readOnly = value;
    return b.build();
  }

  public OpenOptions withSnapshot(boolean value) {
    Builder b = new Builder(this);
    b.snapshot = value;
    return b.build();
  }

  public OpenOptions withL2CacheSize(long value) {
    Builder b = new Builder(this);
    b.l2CacheSize = value;
    return b.build();
  }

  public OpenOptions withL2CacheEntrySize(long value) {
    Builder b = new Builder(this);
    b.l2CacheEntrySize = value;
    return b.build();
  }

  public OpenOptions withRefcountCacheSize(long value) {
    Builder b = new Builder(this);
    b.refcountCacheSize = value;
    return b.build();
  }

  public OpenOptions withCacheSize(long value) {
    Builder b = new Builder(this);
    b.cacheSize = value;
    return b.build();
  }

  public OpenOptions withCacheCleanInterval(long value) {
    Builder b = new Builder(this);
    b.cacheCleanInterval = value;
    return b.build();
  }

  public OpenOptions withClock(LongSupplier value) {
    Builder b = new Builder(this);
    b.clock = value;
    return b.build();
  }

  public OpenOptions withOverlayLimit(long value) {
    Builder b = new Builder(this);
    b.overlayLimit = value;
    return b.build();
  }

  public OpenOptions withBacking(BackingPolicy value) {
    Builder b = new Builder(this);
    b.backing = value;
    return b.build();
  }

  public OpenOptions withDiscard(DiscardMode value) {
    Builder b = new Builder(this);
    b.discard = value;
    return b.build();
  }

  public OpenOptions withLazyRefcounts(Optional<Boolean> value) {
    Builder b = new Builder(this);
    b.lazyRefcounts = value;
    return b.build();
  }

  public OpenOptions withDataFile(Optional<Path> value) {
    Builder b = new Builder(this);
    b.dataFile = value;
    return b.build();
  }

  public OpenOptions withForceShare(boolean value) {
    Builder b = new Builder(this);
    b.forceShare = value;
    return b.build();
  }

  public OpenOptions withContext(Optional<NodeContext> value) {
    Builder b = new Builder(this);
    b.context = value;
    return b.build();
  }

  public OpenOptions withForCheck(boolean value) {
    Builder b = new Builder(this);
    b.forCheck = value;
    return b.build();
  }

  public OpenOptions withDescribeOnly(boolean value) {
    Builder b = new Builder(this);
    b.describeOnly = value;
    return b.build();
  }

  public OpenOptions withSnapshotName(Optional<String> value) {
    Builder b = new Builder(this);
    b.snapshotName = value;
    return b.build();
  }

  /** The file itself is only read: a snapshot's writes do not reach it. */
  boolean fileReadOnly() {
    return readOnly || snapshot || snapshotName.isPresent();
  }

  /** Copies, so that a component is named in one place. */
  private static final class Builder {
    private ImageFormat format;
    private boolean readOnly;
    private boolean snapshot;
    private long l2CacheSize;
    private long l2CacheEntrySize;
    private long refcountCacheSize;
    private long cacheSize;
    private long cacheCleanInterval;
    private LongSupplier clock;
    private long overlayLimit;
    private BackingPolicy backing;
    private DiscardMode discard;
    private Optional<Boolean> lazyRefcounts;
    private Optional<Path> dataFile;
    private boolean forceShare;
    private Optional<NodeContext> context;
    private boolean forCheck;
    private boolean describeOnly;
    private Optional<String> snapshotName;

    Builder(OpenOptions from) {
      format = from.format;
      readOnly = from.readOnly;
      snapshot = from.snapshot;
      l2CacheSize = from.l2CacheSize;
      l2CacheEntrySize = from.l2CacheEntrySize;
      refcountCacheSize = from.refcountCacheSize;
      cacheSize = from.cacheSize;
      cacheCleanInterval = from.cacheCleanInterval;
      clock = from.clock;
      overlayLimit = from.overlayLimit;
      backing = from.backing;
      discard = from.discard;
      lazyRefcounts = from.lazyRefcounts;
      dataFile = from.dataFile;
      forceShare = from.forceShare;
      context = from.context;
      forCheck = from.forCheck;
      describeOnly = from.describeOnly;
      snapshotName = from.snapshotName;
    }

    OpenOptions build() {
      return new OpenOptions(
          format,
          readOnly,
          snapshot,
          l2CacheSize,
          l2CacheEntrySize,
          refcountCacheSize,
          cacheSize,
          cacheCleanInterval,
          clock,
          overlayLimit,
          backing,
          discard,
          lazyRefcounts,
          dataFile,
          forceShare,
          context,
          forCheck,
          describeOnly,
          snapshotName);
    }
  }
}

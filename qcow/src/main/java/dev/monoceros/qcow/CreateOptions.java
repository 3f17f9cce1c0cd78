package dev.monoceros.qcow;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What image to create. Start from {@link #qcow2(long)} or {@link #raw(long)}.
 *
 * @param format QCOW2, QCOW or RAW
 * @param size of the virtual disk in bytes, rounded up to whole sectors of 512 bytes
 * @param clusterSize bytes, a power of two from 512 to 2 MiB, with extended L2 from 16 KiB
 * @param version 2 (compat=0.10) or 3 (compat=1.1)
 * @param refcountBits width of a refcount: 1, 2, 4, 8, 16, 32 or 64; 16 in version 2
 * @param lazyRefcounts set the compatible bit; version 3. This and what only QCOW2 has is ignored
 *     for other formats, except where said
 * @param extendedL2 subclusters, an incompatible feature; version 3
 * @param compressionType of compressed clusters; ZSTD in version 3 only
 * @param preallocation what to allocate at once
 * @param backing the image below, recorded as given; not for RAW. If it cannot be opened the image
 *     is created all the same, but returned for reading only
 * @param dataFile an external data file, recorded as given and created if it is missing; QCOW2 of
 *     version 3 only
 * @param dataFileRaw keep the external file readable as a raw image
 * @param overwrite take an existing file, unless somebody has it open
 */
public record CreateOptions(
    ImageFormat format,
    long size,
    long clusterSize,
    int version,
    int refcountBits,
    boolean lazyRefcounts,
    boolean extendedL2,
    CompressionType compressionType,
    Preallocation preallocation,
    Optional<BackingReference> backing,
    Optional<Path> dataFile,
    boolean dataFileRaw,
    boolean overwrite) {
  /** QEMU's default, 64 KiB. */
  public static final long DEFAULT_CLUSTER_SIZE = 65536;

  /** QEMU's default. */
  public static final int DEFAULT_REFCOUNT_BITS = 16;

  /** A QCOW2 image as qemu-img would create it: version 3, 64 KiB clusters, 16-bit refcounts. */
  public static CreateOptions qcow2(long size) {
    return new CreateOptions(
        ImageFormat.QCOW2,
        size,
        DEFAULT_CLUSTER_SIZE,
        3,
        DEFAULT_REFCOUNT_BITS,
        false,
        false,
        CompressionType.ZLIB,
        Preallocation.OFF,
        Optional.empty(),
        Optional.empty(),
        false,
        false);
  }

  /** A sparse raw image. */
  public static CreateOptions raw(long size) {
    return qcow2(size).withFormat(ImageFormat.RAW);
  }

  public CreateOptions withFormat(ImageFormat value) {
    Builder b = new Builder(this);
    b.format = value;
    return b.build();
  }

  public CreateOptions withSize(long value) {
    Builder b = new Builder(this);
    b.size = value;
    return b.build();
  }

  public CreateOptions withClusterSize(long value) {
    Builder b = new Builder(this);
    b.clusterSize = value;
    return b.build();
  }

  public CreateOptions withVersion(int value) {
    Builder b = new Builder(this);
    b.version = value;
    return b.build();
  }

  public CreateOptions withRefcountBits(int value) {
    Builder b = new Builder(this);
    b.refcountBits = value;
    return b.build();
  }

  public CreateOptions withLazyRefcounts(boolean value) {
    Builder b = new Builder(this);
    b.lazyRefcounts = value;
    return b.build();
  }

  public CreateOptions withExtendedL2(boolean value) {
    Builder b = new Builder(this);
    b.extendedL2 = value;
    return b.build();
  }

  public CreateOptions withCompressionType(CompressionType value) {
    Builder b = new Builder(this);
    b.compressionType = value;
    return b.build();
  }

  public CreateOptions withPreallocation(Preallocation value) {
    Builder b = new Builder(this);
    b.preallocation = value;
    return b.build();
  }

  public CreateOptions withBacking(Optional<BackingReference> value) {
    Builder b = new Builder(this);
    b.backing = value;
    return b.build();
  }

  public CreateOptions withDataFile(Optional<Path> value) {
    Builder b = new Builder(this);
    b.dataFile = value;
    return b.build();
  }

  public CreateOptions withDataFileRaw(boolean value) {
    Builder b = new Builder(this);
    b.dataFileRaw = value;
    return b.build();
  }

  public CreateOptions withOverwrite(boolean value) {
    Builder b = new Builder(this);
    b.overwrite = value;
    return b.build();
  }

  /** Copies, so that a component is named in one place. */
  private static final class Builder {
    private ImageFormat format;
    private long size;
    private long clusterSize;
    private int version;
    private int refcountBits;
    private boolean lazyRefcounts;
    private boolean extendedL2;
    private CompressionType compressionType;
    private Preallocation preallocation;
    private Optional<BackingReference> backing;
    private Optional<Path> dataFile;
    private boolean dataFileRaw;
    private boolean overwrite;

    Builder(CreateOptions from) {
      format = from.format;
      size = from.size;
      clusterSize = from.clusterSize;
      version = from.version;
      refcountBits = from.refcountBits;
      lazyRefcounts = from.lazyRefcounts;
      extendedL2 = from.extendedL2;
      compressionType = from.compressionType;
      preallocation = from.preallocation;
      backing = from.backing;
      dataFile = from.dataFile;
      dataFileRaw = from.dataFileRaw;
      overwrite = from.overwrite;
    }

    CreateOptions build() {
      return new CreateOptions(
          format,
          size,
          clusterSize,
          version,
          refcountBits,
          lazyRefcounts,
          extendedL2,
          compressionType,
          preallocation,
          backing,
          dataFile,
          dataFileRaw,
          overwrite);
    }
  }
}

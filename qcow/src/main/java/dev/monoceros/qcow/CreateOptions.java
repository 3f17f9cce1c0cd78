package dev.monoceros.qcow;

/**
 * What image to create. Start from {@link #qcow2(long)} or {@link #raw(long)}.
 *
 * @param format QCOW2 or RAW
 * @param size of the virtual disk in bytes, rounded up to whole sectors of 512 bytes
 * @param clusterSize bytes, a power of two from 512 to 2 MiB
 * @param version 2 (compat=0.10) or 3 (compat=1.1)
 * @param refcountBits width of a refcount: 1, 2, 4, 8, 16, 32 or 64; 16 in version 2
 * @param overwrite take an existing file, unless somebody has it open
 */
public record CreateOptions(
    ImageFormat format,
    long size,
    long clusterSize,
    int version,
    int refcountBits,
    boolean overwrite) {
  /** QEMU's default, 64 KiB. */
  public static final long DEFAULT_CLUSTER_SIZE = 65536;

  /** QEMU's default. */
  public static final int DEFAULT_REFCOUNT_BITS = 16;

  /** A QCOW2 image as qemu-img would create it: version 3, 64 KiB clusters, 16-bit refcounts. */
  public static CreateOptions qcow2(long size) {
    return new CreateOptions(
        ImageFormat.QCOW2, size, DEFAULT_CLUSTER_SIZE, 3, DEFAULT_REFCOUNT_BITS, false);
  }

  /** A sparse raw image. */
  public static CreateOptions raw(long size) {
    return new CreateOptions(
        ImageFormat.RAW, size, DEFAULT_CLUSTER_SIZE, 3, DEFAULT_REFCOUNT_BITS, false);
  }

  public CreateOptions withClusterSize(long bytes) {
    return new CreateOptions(format, size, bytes, version, refcountBits, overwrite);
  }

  public CreateOptions withVersion(int value) {
    return new CreateOptions(format, size, clusterSize, value, refcountBits, overwrite);
  }

  public CreateOptions withRefcountBits(int value) {
    return new CreateOptions(format, size, clusterSize, version, value, overwrite);
  }

  public CreateOptions withOverwrite(boolean value) {
    return new CreateOptions(format, size, clusterSize, version, refcountBits, value);
  }
}

package dev.monoceros.qcow.copy;

/**
 * How to convert. Start from {@link #toNewImage()} or {@link #toExistingImage()}.
 *
 * @param compressed write compressed clusters
 * @param minSparse so many zero bytes in a row are left out, a multiple of 512; 0 writes every byte
 * @param targetIsZero the target reads as zero all over, so that zeros need not be written
 * @param targetHasBacking stretches that the source itself does not hold are left to the target's
 *     backing file, which must be the source's or equal to it
 * @param targetBackingSize bytes of that backing file, or {@link #UNKNOWN}; beyond it the target
 *     reads as zero
 * @param salvage go on where the source cannot be read, as if zeros were there
 */
public record ConvertOptions(
    boolean compressed,
    long minSparse,
    boolean targetIsZero,
    boolean targetHasBacking,
    long targetBackingSize,
    boolean salvage) {
  /** QEMU's default of {@link #minSparse}, 4 KiB. */
  public static final long DEFAULT_MIN_SPARSE = 4096;

  /** Largest {@link #minSparse}, 16 MiB. */
  public static final long MAX_MIN_SPARSE = 16L << 20;

  /** Nobody knows, see {@link #targetBackingSize}. */
  public static final long UNKNOWN = -1;

  public ConvertOptions {
    if (minSparse < 0 || minSparse > MAX_MIN_SPARSE || minSparse % SectorDisk.SECTOR != 0) {
      throw new IllegalArgumentException("minSparse is " + minSparse);
    }
  }

  /** Into an image that was just created, without a backing file. */
  public static ConvertOptions toNewImage() {
    return new ConvertOptions(false, DEFAULT_MIN_SPARSE, true, false, UNKNOWN, false);
  }

  /** Over whatever the target holds. */
  public static ConvertOptions toExistingImage() {
    return new ConvertOptions(false, DEFAULT_MIN_SPARSE, false, false, UNKNOWN, false);
  }

  public ConvertOptions withCompressed(boolean value) {
    return new ConvertOptions(
        value, minSparse, targetIsZero, targetHasBacking, targetBackingSize, salvage);
  }

  /** With 0 zeros are written too, whatever the target holds. */
  public ConvertOptions withMinSparse(long value) {
    return new ConvertOptions(
        compressed, value, targetIsZero, targetHasBacking, targetBackingSize, salvage);
  }

  public ConvertOptions withTargetIsZero(boolean value) {
    return new ConvertOptions(
        compressed, minSparse, value, targetHasBacking, targetBackingSize, salvage);
  }

  /** Over a backing file of {@code size} bytes. */
  public ConvertOptions withTargetBacking(long size) {
    return new ConvertOptions(compressed, minSparse, false, true, size, salvage);
  }

  public ConvertOptions withSalvage(boolean value) {
    return new ConvertOptions(
        compressed, minSparse, targetIsZero, targetHasBacking, targetBackingSize, value);
  }
}

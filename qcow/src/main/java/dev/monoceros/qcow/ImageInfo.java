package dev.monoceros.qcow;

import java.util.List;
import java.util.Optional;

/**
 * What an image says of itself, with the fields of {@code qemu-img info}.
 *
 * @param fileName name as it was opened
 * @param format of the image
 * @param size of the disk in bytes
 * @param allocatedBytes of the file on the host; -1 if the host does not say
 * @param fileBytes length of the file
 * @param clusterSize bytes, 0 for raw
 * @param encrypted true only for what was opened to be described
 * @param dirty not closed cleanly (qcow2 dirty bit)
 * @param backing the image below, as named
 * @param backingPath the image below, resolved against this image's directory
 * @param snapshots internal ones
 * @param qcow2 what only QCOW2 has
 * @param detailed false if the file at the bottom is nothing: then QEMU says of clusters and of
 *     dirtiness not even that there is none
 */
public record ImageInfo(
    String fileName,
    ImageFormat format,
    long size,
    long allocatedBytes,
    long fileBytes,
    int clusterSize,
    boolean encrypted,
    boolean dirty,
    Optional<BackingReference> backing,
    Optional<String> backingPath,
    List<Snapshot> snapshots,
    Optional<Qcow2> qcow2,
    boolean detailed) {
  public ImageInfo {
    snapshots = List.copyOf(snapshots);
  }

  /** Of an image whose bytes are kept somewhere. */
  public ImageInfo(
      String fileName,
      ImageFormat format,
      long size,
      long allocatedBytes,
      long fileBytes,
      int clusterSize,
      boolean encrypted,
      boolean dirty,
      Optional<BackingReference> backing,
      Optional<String> backingPath,
      List<Snapshot> snapshots,
      Optional<Qcow2> qcow2) {
    this(
        fileName,
        format,
        size,
        allocatedBytes,
        fileBytes,
        clusterSize,
        encrypted,
        dirty,
        backing,
        backingPath,
        snapshots,
        qcow2,
        true);
  }

  /** The same of an encrypted image. */
  ImageInfo encryptedBy(Encryption encryption) {
    return new ImageInfo(
        fileName,
        format,
        size,
        allocatedBytes,
        fileBytes,
        clusterSize,
        true,
        dirty,
        backing,
        backingPath,
        snapshots,
        qcow2.map(q -> q.encryptedBy(encryption)),
        detailed);
  }

  /** The same with the names that the block graph has for it. */
  public ImageInfo named(NodeContext context) {
    return new ImageInfo(
        context.name(),
        format,
        size,
        allocatedBytes,
        fileBytes,
        clusterSize,
        encrypted,
        dirty,
        backing,
        backing.flatMap(context::fullBackingName),
        snapshots,
        qcow2,
        detailed);
  }

  /** The same of a disk of another size. */
  ImageInfo resized(long newSize) {
    return new ImageInfo(
        fileName,
        format,
        newSize,
        allocatedBytes,
        fileBytes,
        clusterSize,
        encrypted,
        dirty,
        backing,
        backingPath,
        snapshots,
        qcow2);
  }

  /**
   * How the contents are encrypted.
   *
   * @param luks false for the old AES scheme
   * @param header what the LUKS header says; empty for AES
   */
  public record Encryption(boolean luks, Optional<LuksInfo> header) {}

  /**
   * The format-specific part.
   *
   * @param version 2 (compat 0.10) or 3 (compat 1.1)
   * @param encryption empty if the contents are not encrypted
   * @param dataFile name of the external data file, as stored
   */
  public record Qcow2(
      int version,
      CompressionType compressionType,
      boolean lazyRefcounts,
      int refcountBits,
      boolean corrupt,
      boolean extendedL2,
      Optional<String> dataFile,
      boolean dataFileRaw,
      Optional<Encryption> encryption,
      List<Bitmap> bitmaps) {
    public Qcow2 {
      bitmaps = List.copyOf(bitmaps);
    }

    private Qcow2 encryptedBy(Encryption by) {
      return new Qcow2(
          version,
          compressionType,
          lazyRefcounts,
          refcountBits,
          corrupt,
          extendedL2,
          dataFile,
          dataFileRaw,
          Optional.of(by),
          bitmaps);
    }
  }
}

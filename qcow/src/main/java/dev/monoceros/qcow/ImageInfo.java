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
    return copy(
        fileName, size, true, backingPath, qcow2.map(q -> q.encryptedBy(encryption)), detailed);
  }

  /** The same with the names that the block graph has for it. */
  public ImageInfo named(NodeContext context) {
    return copy(
        context.name(),
        size,
        encrypted,
        backing.flatMap(context::fullBackingName),
        qcow2,
        detailed);
  }

  /** The same of an overlay of another size: that keeps bytes, whatever is below. */
  ImageInfo overlaid(long newSize) {
    return copy(fileName, newSize, encrypted, backingPath, qcow2, true);
  }

  private ImageInfo copy(
      String newName,
      long newSize,
      boolean nowEncrypted,
      Optional<String> newBackingPath,
      Optional<Qcow2> newQcow2,
      boolean nowDetailed) {
    return new ImageInfo(
        newName,
        format,
        newSize,
        allocatedBytes,
        fileBytes,
        clusterSize,
        nowEncrypted,
        dirty,
        backing,
        newBackingPath,
        snapshots,
        newQcow2,
        nowDetailed);
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

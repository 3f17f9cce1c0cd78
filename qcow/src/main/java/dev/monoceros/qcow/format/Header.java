package dev.monoceros.qcow.format;

import java.util.List;
import java.util.Optional;

/**
 * A QCOW2 header that passed {@link HeaderParser}: every offset is cluster-aligned, lies inside the
 * file, and no two areas overlap.
 *
 * @param version 2 or 3
 * @param size of the virtual disk in bytes, 0 to 2^63 - 1
 * @param l1Entries entries of the active L1 table, at least as many as {@code size} needs
 * @param refcountTableClusters 1 or more
 * @param snapshots number of internal snapshots
 * @param incompatible the feature bits, all of them served
 * @param length header length in bytes; extensions start there
 * @param extensions in the image's order, without the end marker
 * @param encryption of the contents
 * @param names of the other files that belong to the image
 */
public record Header(
    int version,
    Geometry geometry,
    long size,
    int l1Entries,
    long l1Offset,
    long refcountTableOffset,
    int refcountTableClusters,
    int snapshots,
    long snapshotsOffset,
    long incompatible,
    long compatible,
    long autoclear,
    int length,
    List<HeaderExtension> extensions,
    Encryption encryption,
    Names names) {

  /**
   * The other files of an image, as it names them.
   *
   * @param backing name of the backing file
   * @param backingFormat its format
   * @param dataFile name of the external data file
   */
  public record Names(
      Optional<String> backing, Optional<String> backingFormat, Optional<String> dataFile) {
    /** No other files. */
    public static final Names NONE =
        new Names(Optional.empty(), Optional.empty(), Optional.empty());
  }

  public Header {
    extensions = List.copyOf(extensions);
  }

  /** Of an image that needs no other file. */
  public Header(
      int version,
      Geometry geometry,
      long size,
      int l1Entries,
      long l1Offset,
      long refcountTableOffset,
      int refcountTableClusters,
      int snapshots,
      long snapshotsOffset,
      long incompatible,
      long compatible,
      long autoclear,
      int length,
      List<HeaderExtension> extensions) {
    this(
        version,
        geometry,
        size,
        l1Entries,
        l1Offset,
        refcountTableOffset,
        refcountTableClusters,
        snapshots,
        snapshotsOffset,
        incompatible,
        compatible,
        autoclear,
        length,
        extensions,
        Encryption.NONE,
        Names.NONE);
  }

  /** The same image with another L1 table and size: the view of an internal snapshot. */
  public Header withActive(long newSize, long newL1Offset, int newL1Entries) {
    return new Header(
        version,
        geometry,
        newSize,
        newL1Entries,
        newL1Offset,
        refcountTableOffset,
        refcountTableClusters,
        snapshots,
        snapshotsOffset,
        incompatible,
        compatible,
        autoclear,
        length,
        extensions,
        encryption,
        names);
  }

  /** Data clusters are in another file. */
  public boolean externalData() {
    return (incompatible & Features.INCOMPATIBLE_EXTERNAL_DATA) != 0;
  }

  /** The external data file is a raw image of the disk. */
  public boolean rawExternalData() {
    return externalData() && (autoclear & Features.AUTOCLEAR_DATA_FILE_RAW) != 0;
  }

  /** The image asks for refcounts that lag behind, compatible_features bit 0. */
  public boolean lazyRefcounts() {
    return (compatible & Features.COMPATIBLE_LAZY_REFCOUNTS) != 0;
  }

  /** Refcounts may be stale: reading is fine, writing is not. */
  public boolean dirty() {
    return (incompatible & Features.INCOMPATIBLE_DIRTY) != 0;
  }

  /** Somebody found the image corrupt: it must not be written to. */
  public boolean corrupt() {
    return (incompatible & Features.INCOMPATIBLE_CORRUPT) != 0;
  }
}

package dev.monoceros.qcow.format;

import java.util.List;

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
    List<HeaderExtension> extensions) {

  public Header {
    extensions = List.copyOf(extensions);
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
        extensions);
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

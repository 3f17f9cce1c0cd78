package dev.monoceros.qcow.check;

import dev.monoceros.qcow.bitmap.BitmapsExtension;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;

/**
 * Where the header says that everything is. Unlike a header parsed for use, the tables may lie
 * anywhere, overlap each other or be missing.
 *
 * @param size of the virtual disk in bytes
 * @param l1Entries at most what 32 MiB hold
 * @param refcountTableClusters at most what 8 MiB hold; may be 0
 * @param snapshots as in the image, unsigned 32 bits
 * @param snapshotsOffset as in the image, any 64 bits
 * @param bitmaps the directory of the persistent bitmaps, with a count of 0 if there is none
 */
record Layout(
    int version,
    Geometry geometry,
    long size,
    int l1Entries,
    long l1Offset,
    long refcountTableOffset,
    int refcountTableClusters,
    long snapshots,
    long snapshotsOffset,
    long incompatible,
    BitmapsExtension bitmaps) {

  boolean has(long incompatibleFeature) {
    return (incompatible & incompatibleFeature) != 0;
  }

  boolean dataFile() {
    return has(Features.INCOMPATIBLE_EXTERNAL_DATA);
  }

  boolean extendedL2() {
    return has(Features.INCOMPATIBLE_EXTENDED_L2);
  }

  /** Bytes of one L2 entry: with subclusters a bitmap follows the descriptor. */
  int l2EntryBytes() {
    return extendedL2() ? 2 * Long.BYTES : Long.BYTES;
  }

  /** Entries of one L2 table. */
  int l2Entries() {
    return geometry.clusterSize() / l2EntryBytes();
  }

  Layout withRefcountTable(long offset, int clusters) {
    return new Layout(
        version,
        geometry,
        size,
        l1Entries,
        l1Offset,
        offset,
        clusters,
        snapshots,
        snapshotsOffset,
        incompatible,
        bitmaps);
  }
}

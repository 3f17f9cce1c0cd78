package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;

/**
 * Which clusters of the file hold metadata. Wrong refcounts or a hostile L2 entry must not lead a
 * guest's write into the header or a table, so every target is asked for here first.
 */
final class MetadataMap {
  private final Geometry geometry;
  private final long l1First;
  private final long l1End;
  private final long snapshotTable;
  private long refcountTableFirst;
  private long refcountTableEnd;
  private ClusterSet tables = new ClusterSet();
  private final ClusterSet refcountBlocks = new ClusterSet();
  private final TableRegister register;
  private boolean filled;

  /**
   * @param register of the tables that are not added at once; called when the map is first asked,
   *     because opening an image must not take as long as walking its tables
   */
  MetadataMap(Header header, TableRegister register) {
    this.register = register;
    geometry = header.geometry();
    l1First = cluster(header.l1Offset());
    l1End = l1First + geometry.clustersFor((long) header.l1Entries() * TableEntry.BYTES);
    snapshotTable = header.snapshots() == 0 ? -1 : cluster(header.snapshotsOffset());
    moveRefcountTable(header.refcountTableOffset(), header.refcountTableClusters());
  }

  /** QEMU's name for what lives in this cluster, or null if no metadata does. */
  String occupant(long cluster) {
    if (cluster == 0) {
      return "qcow2_header";
    }
    if (cluster >= l1First && cluster < l1End) {
      return "active L1 table";
    }
    if (cluster >= refcountTableFirst && cluster < refcountTableEnd) {
      return "refcount table";
    }
    if (cluster == snapshotTable) {
      return "snapshot table";
    }
    if (tables.contains(cluster)) {
      return "active L2 table";
    }
    return refcountBlocks.contains(cluster) ? "refcount block" : null;
  }

  /** Fails if the cluster at {@code offset}, which is to be written, holds metadata. */
  void requireNoMetadata(long offset) throws ImageFault {
    if (!filled) {
      fill();
    }
    String occupant = occupant(cluster(offset));
    if (occupant != null) {
      throw ImageFault.overlap(offset, occupant);
    }
  }

  private void fill() throws ImageFault {
    ClusterSet before = new ClusterSet(tables);
    try {
      register.fill();
      filled = true;
    } finally {
      if (!filled) {
        tables = before;
      }
    }
  }

  private void requireNone(long offset, String what) throws ImageFault {
    String occupant = occupant(cluster(offset));
    if (occupant != null) {
      throw ImageFault.corrupt(
          offset, what + " at offset " + offset + " overlaps with " + occupant);
    }
  }

  /** Registers an L2 table, which must not share a cluster with anything. */
  void addTable(long offset) throws ImageFault {
    requireNone(offset, "the L2 table");
    tables.add(cluster(offset));
  }

  /** Registers a refcount block, which must not share a cluster with anything. */
  void addRefcountBlock(long offset) throws ImageFault {
    requireNone(offset, "the refcount block");
    refcountBlocks.add(cluster(offset));
  }

  void removeTable(long offset) {
    tables.remove(cluster(offset));
  }

  void moveRefcountTable(long offset, long clusters) {
    refcountTableFirst = cluster(offset);
    refcountTableEnd = refcountTableFirst + clusters;
  }

  private long cluster(long offset) {
    return offset >>> geometry.clusterBits();
  }
}

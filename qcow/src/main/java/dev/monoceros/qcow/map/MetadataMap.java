package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OverlapCheck;
import java.util.Set;

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
  private final Set<OverlapCheck> checked;
  private boolean filled;

  /**
   * @param register of the tables that are not added at once; called when the map is first asked,
   *     because opening an image must not take as long as walking its tables
   * @param checked what writes are held against
   */
  MetadataMap(Header header, TableRegister register, Set<OverlapCheck> checked) {
    this.register = register;
    this.checked = checked;
    geometry = header.geometry();
    l1First = cluster(header.l1Offset());
    l1End = l1First + geometry.clustersFor((long) header.l1Entries() * TableEntry.BYTES);
    snapshotTable = header.snapshots() == 0 ? -1 : cluster(header.snapshotsOffset());
    moveRefcountTable(header.refcountTableOffset(), header.refcountTableClusters());
  }

  /** What lives in this cluster, or null if no metadata does. */
  private OverlapCheck occupant(long cluster) {
    if (cluster == 0) {
      return OverlapCheck.MAIN_HEADER;
    }
    if (cluster >= l1First && cluster < l1End) {
      return OverlapCheck.ACTIVE_L1;
    }
    if (cluster >= refcountTableFirst && cluster < refcountTableEnd) {
      return OverlapCheck.REFCOUNT_TABLE;
    }
    if (cluster == snapshotTable) {
      return OverlapCheck.SNAPSHOT_TABLE;
    }
    if (tables.contains(cluster)) {
      return OverlapCheck.ACTIVE_L2;
    }
    return refcountBlocks.contains(cluster) ? OverlapCheck.REFCOUNT_BLOCK : null;
  }

  /** Fails if the cluster at {@code offset}, which is to be written, holds metadata. */
  void requireNoMetadata(long offset) throws ImageFault {
    if (!filled) {
      fill();
    }
    OverlapCheck occupant = occupant(cluster(offset));
    if (occupant != null && checked.contains(occupant)) {
      throw ImageFault.overlap(offset, occupant.metadata());
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
    OverlapCheck occupant = occupant(cluster(offset));
    if (occupant != null) {
      throw ImageFault.corrupt(
          offset, what + " at offset " + offset + " overlaps with " + occupant.metadata());
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

package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;

/**
 * Packs compressed clusters one after the other into host clusters. A host cluster's refcount is
 * then the number of compressed clusters that touch it.
 */
public final class ByteAllocator {
  private static final long NONE = -1;

  private final Geometry geometry;
  private final Refcounts refcounts;
  private final ClusterAllocator clusters;

  /** First free byte of a host cluster that is in use up to there. */
  private long next = NONE;

  ByteAllocator(Geometry geometry, Refcounts refcounts, ClusterAllocator clusters) {
    this.geometry = geometry;
    this.refcounts = refcounts;
    this.clusters = clusters;
  }

  /** Call when clusters were freed: the one being filled may be among them. */
  void forget() {
    next = NONE;
  }

  /**
   * Allocates {@code length} bytes in a row, less than a cluster. Refcounts are raised in memory;
   * what the file holds there is undefined below its length.
   */
  public PackedBytes allocate(int length) throws ImageFault {
    if (next != NONE && refcounts.full(clusterOf(next))) {
      next = NONE;
    }
    long size = clusters.fileSize();
    long offset = next;
    int left = next == NONE ? 0 : geometry.clusterSize() - geometry.inCluster(next);
    if (left >= length) {
      refcounts.increment(clusterOf(next));
    } else {
      HostRun run = clusters.allocate(1);
      if (next != NONE && next + left == run.offset()) {
        refcounts.increment(clusterOf(next));
      } else {
        offset = run.offset();
      }
    }
    long end = offset + length;
    next = geometry.aligned(end) ? NONE : end;
    PackedBytes bytes = new PackedBytes(offset, length, size);
    if (end > CompressedDescriptor.maxOffset(geometry)) {
      ImageFault fault =
          new ImageFault(
              ErrorKind.NO_SPACE,
              offset,
              "the image file is too large for compressed clusters of this size");
      giveBack(bytes, fault);
      throw fault;
    }
    return bytes;
  }

  private long clusterOf(long offset) {
    return offset >>> geometry.clusterBits();
  }

  /** Undoes {@link #allocate} after a failure; at worst the bytes leak. */
  public void giveBack(PackedBytes bytes, ImageFault failure) {
    next = NONE;
    long last = clusterOf(bytes.offset() + bytes.length() - 1);
    for (long cluster = clusterOf(bytes.offset()); cluster <= last; cluster++) {
      clusters.giveBackUse(cluster, bytes.fileSize(), failure);
    }
  }
}

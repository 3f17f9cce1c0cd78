package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Moves bytes from the file to the caller. On the hit path, data behind a cached L2 entry, nothing
 * is allocated and the file is accessed once per run of contiguous clusters.
 */
final class ClusterReader {
  private final OrderedFile file;
  private final Geometry geometry;
  private final ClusterMap map;
  private final CompressedClusters compressed;

  ClusterReader(
      OrderedFile file, Geometry geometry, ClusterMap map, CompressedClusters compressed) {
    this.file = file;
    this.geometry = geometry;
    this.map = map;
    this.compressed = compressed;
  }

  void read(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long at = offset;
    try {
      while (target.position() < limit) {
        at += readRun(at, target, limit - target.position());
        target.limit(limit);
      }
    } finally {
      target.limit(limit);
    }
  }

  /** Reads what one mapping covers, at most {@code wanted} bytes, and says how many. */
  private int readRun(long at, ByteBuffer target, int wanted) throws ImageFault {
    CachedTable slice = map.slice(at);
    if (slice == null) {
      return zero(target, Math.min(wanted, map.bytesLeftInTable(at)));
    }
    int index = map.indexInSlice(at);
    long entry = slice.entry(index);
    if (isReadable(entry)) {
      int length = (int) Math.min(wanted, runOf(slice, index, at, wanted));
      target.limit(target.position() + length);
      file.read(target, TableEntry.hostOffset(entry) + geometry.inCluster(at));
      return length;
    }
    map.check(slice, index);
    if (TableEntry.kind(entry) == TableEntry.Kind.COMPRESSED) {
      return readCompressed(entry, at, target, wanted);
    }
    return zero(target, Math.min(wanted, geometry.clusterSize() - geometry.inCluster(at)));
  }

  private int readCompressed(long entry, long at, ByteBuffer target, int wanted) throws ImageFault {
    int from = geometry.inCluster(at);
    int length = Math.min(wanted, geometry.clusterSize() - from);
    CompressedDescriptor place = CompressedDescriptor.of(entry, geometry);
    compressed.read(place.offset(), place.length(), from, target, length);
    return length;
  }

  /** What is stored from {@code at} on, at most {@code wanted} bytes and within one L2 slice. */
  Extent extent(long at, long wanted) throws ImageFault {
    CachedTable slice = map.slice(at);
    if (slice == null) {
      return hole(at, Math.min(wanted, map.bytesLeftInTable(at)), false);
    }
    int index = map.indexInSlice(at);
    map.check(slice, index);
    long entry = slice.entry(index);
    long left = geometry.clusterSize() - geometry.inCluster(at);
    return switch (TableEntry.kind(entry)) {
      case UNALLOCATED -> hole(at, Math.min(wanted, left), false);
      case ZERO_PLAIN, ZERO_ALLOCATED -> hole(at, Math.min(wanted, left), true);
      case DATA -> {
        int run = (int) Math.min(wanted, Integer.MAX_VALUE);
        long length = Math.min(wanted, runOf(slice, index, at, run));
        long host = TableEntry.hostOffset(entry) + geometry.inCluster(at);
        yield new Extent(at, length, 0, true, true, false, false, host, Optional.of(file.name()));
      }
      case COMPRESSED ->
          new Extent(
              at,
              Math.min(wanted, left),
              0,
              true,
              true,
              false,
              true,
              Extent.NO_OFFSET,
              Optional.empty());
    };
  }

  private static Extent hole(long at, long length, boolean allocated) {
    return new Extent(
        at, length, 0, allocated, false, allocated, false, Extent.NO_OFFSET, Optional.empty());
  }

  private boolean isReadable(long entry) {
    return TableEntry.plainData(entry, geometry.clusterSize())
        && TableEntry.hostOffset(entry) < file.size();
  }

  /** Bytes from {@code at} on that are contiguous in the file, as far as this slice tells. */
  private long runOf(CachedTable slice, int index, long at, int wanted) {
    int clusterSize = geometry.clusterSize();
    long run = (long) clusterSize - geometry.inCluster(at);
    long next = TableEntry.hostOffset(slice.entry(index)) + clusterSize;
    for (int i = index + 1; run < wanted && i < slice.entries(); i++) {
      long entry = slice.entry(i);
      if (!isReadable(entry) || TableEntry.hostOffset(entry) != next) {
        break;
      }
      run += clusterSize;
      next += clusterSize;
    }
    return run;
  }

  private static int zero(ByteBuffer target, long length) {
    OrderedFile.fillZero(target, (int) length);
    return (int) length;
  }
}

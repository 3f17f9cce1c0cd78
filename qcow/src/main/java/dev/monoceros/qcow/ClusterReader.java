package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.IoVector;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import dev.monoceros.qcow.map.Mapping;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Moves bytes from the file to the caller. On the hit path, data behind a cached L2 entry, nothing
 * is allocated and the file is accessed once per run of contiguous clusters.
 */
final class ClusterReader {
  private final OrderedFile data;
  private final Geometry geometry;
  private final ClusterMap map;
  private final Below below;
  private final CompressedReader compressed;
  private final Mapping mapping = new Mapping();

  /**
   * @param data the file that holds the data clusters
   */
  ClusterReader(
      OrderedFile data,
      Geometry geometry,
      ClusterMap map,
      Below below,
      CompressedReader compressed) {
    this.data = data;
    this.geometry = geometry;
    this.map = map;
    this.below = below;
    this.compressed = compressed;
  }

  void read(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long at = offset;
    try {
      while (target.position() < limit) {
        map.resolve(at, limit - target.position(), mapping);
        int length = (int) mapping.length();
        target.limit(target.position() + length);
        readRun(at, target);
        at += length;
        target.limit(limit);
      }
    } finally {
      target.limit(limit);
    }
  }

  /** Fills the next pieces with what one mapping covers, if that is data and more than a piece. */
  long readAcross(long at, IoVector target) throws ImageFault {
    map.resolve(at, target.remaining(), mapping);
    long length = mapping.length();
    if (mapping.kind() != Mapping.Kind.DATA || length <= target.inPiece()) {
      return 0;
    }
    map.event(BlockEvent.READ_AIO);
    data.read(target, length, mapping.hostOffset());
    return length;
  }

  /** Reads what one mapping covers. */
  private void readRun(long at, ByteBuffer target) throws ImageFault {
    switch (mapping.kind()) {
      case DATA -> {
        map.event(BlockEvent.READ_AIO);
        data.read(target, mapping.hostOffset());
      }
      case ZERO -> OrderedFile.fillZero(target, target.remaining());
      case UNALLOCATED -> {
        if (below.exists()) {
          map.event(BlockEvent.READ_BACKING_AIO);
        }
        below.read(at, target);
      }
      case COMPRESSED -> {
        map.event(BlockEvent.READ_COMPRESSED);
        compressed.read(mapping.descriptor(), geometry.inCluster(at), target);
      }
    }
  }

  /** What is stored from {@code at} on, at most {@code wanted} bytes and within one L2 slice. */
  Extent extent(long at, long wanted) throws ImageFault {
    map.resolve(at, wanted, mapping);
    boolean placed = mapping.hostOffset() != Mapping.NO_OFFSET;
    Mapping.Kind kind = mapping.kind();
    boolean allocated = kind != Mapping.Kind.UNALLOCATED;
    return new Extent(
        at,
        mapping.length(),
        0,
        allocated,
        kind == Mapping.Kind.DATA || kind == Mapping.Kind.COMPRESSED,
        kind == Mapping.Kind.ZERO || (!allocated && !below.exists()),
        kind == Mapping.Kind.COMPRESSED,
        placed ? mapping.hostOffset() : Extent.NO_OFFSET,
        placed ? Optional.of(data.name()) : Optional.empty());
  }
}

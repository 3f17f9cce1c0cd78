package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.map.ClusterMap;
import java.nio.ByteBuffer;

/** Makes ranges read as zero: whole clusters in the map, the rest by writing zeros. */
final class ClusterEraser {
  private static final int ZERO_CHUNK = 64 * 1024;

  private final Geometry geometry;
  private final ClusterMap map;
  private final ClusterWriter writer;
  private final int version;
  private final long diskSize;
  private final ByteBuffer zeroes = ByteBuffer.allocateDirect(ZERO_CHUNK);

  ClusterEraser(
      Geometry geometry, ClusterMap map, ClusterWriter writer, int version, long diskSize) {
    this.geometry = geometry;
    this.map = map;
    this.writer = writer;
    this.version = version;
    this.diskSize = diskSize;
  }

  /** Gives whole clusters back; partial ones keep their contents. */
  void discard(long offset, long length) throws ImageFault {
    long from = Math.min(offset + padding(offset), offset + length);
    eraseClusters(from, wholeEnd(offset + length), true);
  }

  /** Zeroes every byte of the range. */
  void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageFault {
    long end = offset + length;
    long from = Math.min(offset + padding(offset), end);
    long to = wholeEnd(end);
    zeroPart(offset, from);
    if (from < to) {
      eraseClusters(from, to, mayUnmap);
      zeroPart(to, end);
    } else {
      zeroPart(from, end);
    }
  }

  /** Bytes from {@code offset} to the next cluster boundary. */
  private int padding(long offset) {
    int in = geometry.inCluster(offset);
    return in == 0 ? 0 : geometry.clusterSize() - in;
  }

  /** The last cluster of the disk is whole even if the disk ends within it. */
  private long wholeEnd(long end) {
    return end == diskSize ? end : end - geometry.inCluster(end);
  }

  private void zeroPart(long from, long to) throws ImageFault {
    long at = from;
    while (at < to) {
      int length = (int) Math.min(to - at, Math.min(padding(at + 1) + 1L, ZERO_CHUNK));
      if (!readsAsZero(at)) {
        writer.write(at, zeroes.clear().limit(length));
      }
      at += length;
    }
  }

  private boolean readsAsZero(long at) throws ImageFault {
    CachedTable slice = map.slice(at);
    if (slice == null) {
      return true;
    }
    int index = map.indexInSlice(at);
    map.check(slice, index);
    return switch (TableEntry.kind(slice.entry(index))) {
      case UNALLOCATED, ZERO_PLAIN, ZERO_ALLOCATED -> true;
      case DATA, COMPRESSED -> false;
    };
  }

  private void eraseClusters(long from, long to, boolean mayUnmap) throws ImageFault {
    long at = from;
    while (at < to) {
      if (map.slice(at) == null) {
        at += map.bytesLeftInTable(at);
        continue;
      }
      eraseCluster(at, mayUnmap);
      at += geometry.clusterSize();
      if (map.manyPendingFrees()) {
        map.flush();
      }
    }
  }

  private void eraseCluster(long at, boolean mayUnmap) throws ImageFault {
    int index = map.indexInSlice(at);
    CachedTable slice = map.slice(at);
    map.check(slice, index);
    long entry = slice.entry(index);
    TableEntry.Kind kind = TableEntry.kind(entry);
    if (kind == TableEntry.Kind.COMPRESSED) {
      CompressedDescriptor old = CompressedDescriptor.of(entry, geometry);
      map.ownedSlice(at).setEntry(index, version >= 3 ? TableEntry.ZERO : 0);
      map.freeCompressedLater(old);
      return;
    }
    boolean holdsCluster = TableEntry.hostOffset(entry) != 0;
    boolean keep = !mayUnmap && version >= 3 && TableEntry.copied(entry);
    if (!holdsCluster || (keep && kind == TableEntry.Kind.ZERO_ALLOCATED)) {
      return;
    }
    slice = map.ownedSlice(at);
    if (keep) {
      slice.setEntry(index, entry | TableEntry.ZERO);
    } else {
      // Without a backing file an unallocated cluster reads as zero too; version 2 has only that.
      slice.setEntry(index, version >= 3 ? TableEntry.ZERO : 0);
      map.allocator().freeLater(TableEntry.hostOffset(entry));
    }
  }
}

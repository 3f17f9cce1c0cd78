package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import dev.monoceros.qcow.map.L2Entries;
import dev.monoceros.qcow.map.Mapping;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/**
 * Makes ranges read as zero: whole clusters and subclusters in the map, the rest by writing zeros.
 * What becomes of an entry is what QEMU makes of it.
 */
final class ClusterEraser {
  private static final int ZERO_CHUNK = 64 * 1024;

  /** Version 2 has no way to say "reads as zero" over a backing file. */
  private static final int ZERO_FLAG_VERSION = 3;

  private final Geometry geometry;
  private final ClusterMap map;
  private final L2Entries entries;
  private final ClusterWriter writer;
  private final Below below;
  private final boolean zeroFlag;
  private final OrderedFile rawData;
  private final LongSupplier diskSize;
  private final Mapping mapping = new Mapping();
  private final ByteBuffer zeroes = ByteBuffer.allocateDirect(ZERO_CHUNK);

  /**
   * @param rawData the external data file if it must be kept a raw image of the disk, else null
   */
  ClusterEraser(
      Geometry geometry,
      ClusterMap map,
      ClusterWriter writer,
      Below below,
      int version,
      OrderedFile rawData,
      LongSupplier diskSize) {
    this.geometry = geometry;
    this.map = map;
    this.entries = map.entries();
    this.writer = writer;
    this.below = below;
    this.zeroFlag = version >= ZERO_FLAG_VERSION;
    this.rawData = rawData;
    this.diskSize = diskSize;
  }

  /** Gives whole clusters back; partial ones keep their contents. */
  void discard(long offset, long length) throws ImageFault {
    if (!zeroFlag && below.exists()) {
      // The clusters would show what the backing file has there.
      return;
    }
    int unit = geometry.clusterSize();
    long from = roundUp(offset, unit);
    long to = roundDown(offset + length, unit);
    if (rawData != null && from < to) {
      rawData.writeZeroes(from, to - from);
    }
    long at = from;
    while (at < to) {
      CachedTable slice = map.slice(at);
      if (slice == null && !below.exists()) {
        at += map.bytesLeftInTable(at);
      } else {
        discardCluster(slice, at);
        at += unit;
      }
    }
  }

  private void discardCluster(CachedTable slice, long at) throws ImageFault {
    if (slice != null) {
      int index = map.indexInSlice(at);
      map.check(slice, index, at);
      if (!below.exists() && entries.vacant(slice, index)) {
        return;
      }
      long descriptor = entries.descriptor(slice, index);
      if (rawData != null && entries.placed(descriptor)) {
        // "can be read as a consistent standalone raw image": its place is not up for others.
        change(slice, index, at, descriptor, entries.allZero());
        return;
      }
    }
    change(slice, map.indexInSlice(at), at, 0, zeroFlag ? entries.allZero() : 0);
  }

  /** Changes an entry unless it says so already, and frees what it pointed at before. */
  private void change(CachedTable slice, int index, long at, long descriptor, long bitmap)
      throws ImageFault {
    if (slice != null
        && entries.descriptor(slice, index) == descriptor
        && entries.bitmap(slice, index) == bitmap) {
      return;
    }
    CachedTable owned = map.ownedSlice(at);
    long old = entries.descriptor(owned, index);
    entries.set(owned, index, descriptor, bitmap);
    if (old != descriptor) {
      map.discardLater(old);
      if (map.manyPendingFrees()) {
        map.flush();
      }
    }
  }

  /** Zeroes every byte of the range. */
  void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageFault {
    long end = offset + length;
    if (!zeroFlag && below.exists()) {
      writeZeroData(offset, end);
      return;
    }
    int unit = zeroFlag ? geometry.subclusterSize() : geometry.clusterSize();
    long head = Math.min(roundUp(offset, unit), end);
    long tail = roundDown(end, unit);
    zeroWithin(offset, head, mayUnmap);
    if (head < tail) {
      if (zeroFlag) {
        zeroSubclusters(head, tail, mayUnmap);
      } else {
        discard(head, tail - head);
      }
      zeroWithin(tail, end, mayUnmap);
    } else {
      zeroWithin(head, end, mayUnmap);
    }
  }

  private static long roundUp(long offset, int unit) {
    long up = (offset + unit - 1) & -unit;
    return up < offset ? Long.MAX_VALUE : up;
  }

  /** The last cluster of the disk is whole even if the disk ends within it. */
  private long roundDown(long end, int unit) {
    return end == diskSize.getAsLong() ? end : end & -unit;
  }

  /** Zeroes less than a subcluster, by its flag if the rest of it reads as zero too. */
  private void zeroWithin(long from, long to, boolean mayUnmap) throws ImageFault {
    if (from >= to) {
      return;
    }
    if (!zeroFlag) {
      if (!readsAsZero(from, to)) {
        writeZeroData(from, to);
      }
      return;
    }
    long start = from & -(long) geometry.subclusterSize();
    long end = Math.min(roundUp(to, geometry.subclusterSize()), diskSize.getAsLong());
    map.resolve(from, 1, mapping);
    boolean flaggable =
        switch (mapping.kind()) {
          case ZERO, UNALLOCATED -> true;
          case DATA, COMPRESSED -> false;
        };
    if (flaggable && readsAsZero(start, from) && readsAsZero(to, end)) {
      zeroSubclusters(start, end, mayUnmap);
    } else {
      writeZeroData(from, to);
    }
  }

  private void writeZeroData(long from, long to) throws ImageFault {
    long at = from;
    while (at < to) {
      int length = (int) Math.min(to - at, ZERO_CHUNK);
      writer.write(at, zeroes.clear().limit(length));
      at += length;
    }
  }

  private boolean readsAsZero(long from, long to) throws ImageFault {
    long at = from;
    while (at < to) {
      map.resolve(at, to - at, mapping);
      boolean zero =
          switch (mapping.kind()) {
            case ZERO -> true;
            case UNALLOCATED -> below.readsAsZero(at, mapping.length());
            case DATA, COMPRESSED -> false;
          };
      if (!zero) {
        return false;
      }
      at += mapping.length();
    }
    return true;
  }

  /** Zeroes whole subclusters by their flags. */
  private void zeroSubclusters(long from, long to, boolean mayUnmap) throws ImageFault {
    if (rawData != null) {
      rawData.writeZeroes(from, to - from);
    }
    int unit = geometry.clusterSize();
    long at = from;
    while (at < to) {
      long next = Math.min(to, roundUp(at + 1, unit));
      boolean whole = geometry.aligned(at) && (next - at == unit || next == diskSize.getAsLong());
      if (whole) {
        zeroCluster(at, mayUnmap && rawData == null);
      } else {
        zeroPart(at, next);
      }
      at = next;
    }
  }

  private void zeroCluster(long at, boolean mayUnmap) throws ImageFault {
    CachedTable slice = map.slice(at);
    long kept = 0;
    int index = map.indexInSlice(at);
    if (slice != null) {
      map.check(slice, index, at);
      long descriptor = entries.descriptor(slice, index);
      boolean unmap = TableEntry.compressed(descriptor) || mayUnmap;
      kept = unmap ? 0 : descriptor;
    }
    change(slice, index, at, kept, entries.allZero());
  }

  /** Zeroes some subclusters of a cluster; they keep their place in it. */
  private void zeroPart(long from, long to) throws ImageFault {
    CachedTable slice = map.slice(from);
    int index = map.indexInSlice(from);
    int first = geometry.subclusterIndex(from);
    int last = geometry.subclusterIndex(to - 1);
    if (slice == null) {
      change(null, index, from, 0, L2Entries.zero(first, last));
      return;
    }
    map.check(slice, index, from);
    long descriptor = entries.descriptor(slice, index);
    if (TableEntry.compressed(descriptor)) {
      writeZeroData(from, to);
    } else {
      long bitmap = entries.bitmap(slice, index);
      change(slice, index, from, descriptor, L2Entries.withZero(bitmap, first, last));
    }
  }
}

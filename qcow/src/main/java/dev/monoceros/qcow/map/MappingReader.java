package dev.monoceros.qcow.map;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** Finds the longest stretch of one kind that starts at a disk offset, within an L2 slice. */
final class MappingReader {
  private final Geometry geometry;
  private final ClusterMap map;
  private final L2Entries entries;
  private final OrderedFile file;
  private final boolean external;

  MappingReader(
      Geometry geometry, ClusterMap map, L2Entries entries, OrderedFile file, boolean external) {
    this.geometry = geometry;
    this.map = map;
    this.entries = entries;
    this.file = file;
    this.external = external;
  }

  void resolve(long at, long wanted, Mapping into) throws ImageFault {
    CachedTable slice = map.slice(at);
    if (slice == null) {
      long length = Math.min(wanted, map.bytesLeftInTable(at));
      into.set(Mapping.Kind.UNALLOCATED, length, Mapping.NO_OFFSET, 0);
      return;
    }
    int index = map.indexInSlice(at);
    if (isPlain(slice, index, at)) {
      long descriptor = entries.descriptor(slice, index);
      long host = TableEntry.hostOffset(descriptor) + geometry.inCluster(at);
      into.set(Mapping.Kind.DATA, dataRun(slice, index, at, wanted), host, descriptor);
      return;
    }
    map.check(slice, index, at);
    resolveOther(slice, index, at, wanted, into);
  }

  private boolean isPlain(CachedTable slice, int index, long at) {
    return entries.plainData(slice, index, at)
        && (external || TableEntry.hostOffset(entries.descriptor(slice, index)) < file.size());
  }

  /** Bytes from {@code at} on that are contiguous in the file, at most {@code wanted}. */
  private long dataRun(CachedTable slice, int index, long at, long wanted) {
    int clusterSize = geometry.clusterSize();
    long run = (long) clusterSize - geometry.inCluster(at);
    long next = TableEntry.hostOffset(entries.descriptor(slice, index)) + clusterSize;
    int count = entries.count(slice);
    for (int i = index + 1; run < wanted && i < count; i++) {
      if (!isPlain(slice, i, at + run)
          || TableEntry.hostOffset(entries.descriptor(slice, i)) != next) {
        break;
      }
      run += clusterSize;
      next += clusterSize;
    }
    return Math.min(run, wanted);
  }

  private void resolveOther(CachedTable slice, int index, long at, long wanted, Mapping into) {
    long descriptor = entries.descriptor(slice, index);
    int in = geometry.inCluster(at);
    if (TableEntry.compressed(descriptor)) {
      long length = Math.min(wanted, geometry.clusterSize() - in);
      into.set(Mapping.Kind.COMPRESSED, length, Mapping.NO_OFFSET, descriptor);
      return;
    }
    long bitmap = entries.bitmap(slice, index);
    int first = geometry.subclusterIndex(at);
    int end = first + 1;
    while (end < geometry.subclusters() && sameState(bitmap, first, end)) {
      end++;
    }
    long run = ((long) end << geometry.subclusterBits()) - in;
    boolean placed = entries.placed(descriptor);
    Mapping.Kind kind = kind(bitmap, first);
    if (!placed && end == geometry.subclusters()) {
      run = vacantRun(slice, index, bitmap, kind, run, wanted);
    }
    long host = placed ? TableEntry.hostOffset(descriptor) + in : Mapping.NO_OFFSET;
    into.set(kind, Math.min(run, wanted), host, descriptor);
  }

  /** Continues a stretch without a place over the entries that are all of its kind. */
  private long vacantRun(
      CachedTable slice, int index, long bitmap, Mapping.Kind kind, long run, long wanted) {
    long all = kind == Mapping.Kind.ZERO ? entries.allZero() : 0;
    int last = geometry.subclusters() - 1;
    if (kind != kind(bitmap, last)) {
      return run;
    }
    long length = run;
    int count = entries.count(slice);
    for (int i = index + 1; length < wanted && i < count; i++) {
      if (entries.descriptor(slice, i) != 0 || entries.bitmap(slice, i) != all) {
        break;
      }
      length += geometry.clusterSize();
    }
    return length;
  }

  private static boolean sameState(long bitmap, int a, int b) {
    return L2Entries.isAllocated(bitmap, a) == L2Entries.isAllocated(bitmap, b)
        && L2Entries.isZero(bitmap, a) == L2Entries.isZero(bitmap, b);
  }

  private static Mapping.Kind kind(long bitmap, int subcluster) {
    if (L2Entries.isAllocated(bitmap, subcluster)) {
      return Mapping.Kind.DATA;
    }
    return L2Entries.isZero(bitmap, subcluster) ? Mapping.Kind.ZERO : Mapping.Kind.UNALLOCATED;
  }
}

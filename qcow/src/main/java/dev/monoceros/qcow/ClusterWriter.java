package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import dev.monoceros.qcow.map.HostRun;
import java.nio.ByteBuffer;

/**
 * Moves bytes from the caller to the file. A cluster's data is written before the L2 entry that
 * points at it changes, even in memory, so a failed write leaves the mapping as it was.
 */
final class ClusterWriter {
  private final OrderedFile file;
  private final Geometry geometry;
  private final ClusterMap map;
  private final CompressedClusters compressed;

  ClusterWriter(
      OrderedFile file, Geometry geometry, ClusterMap map, CompressedClusters compressed) {
    this.file = file;
    this.geometry = geometry;
    this.map = map;
    this.compressed = compressed;
  }

  void write(long offset, ByteBuffer source) throws ImageFault {
    int limit = source.limit();
    long at = offset;
    try {
      while (source.position() < limit) {
        at += writeRun(at, source, limit - source.position());
        source.limit(limit);
      }
    } finally {
      source.limit(limit);
    }
  }

  /** Writes what one mapping covers, at most {@code wanted} bytes, and says how many. */
  private int writeRun(long at, ByteBuffer source, int wanted) throws ImageFault {
    CachedTable slice = map.ownedSlice(at);
    map.pin(slice);
    try {
      int index = map.indexInSlice(at);
      map.check(slice, index);
      long entry = slice.entry(index);
      boolean owned = TableEntry.copied(entry);
      return switch (TableEntry.kind(entry)) {
        case DATA ->
            owned
                ? writeInPlace(slice, index, at, source, wanted)
                : writeCopy(slice, index, at, source, wanted);
        case ZERO_ALLOCATED ->
            owned
                ? writeOverZeroes(slice, index, at, source, wanted)
                : writeNew(slice, index, 1, at, source, wanted);
        case UNALLOCATED, ZERO_PLAIN -> {
          int clusters = vacantRun(slice, index, at, wanted);
          yield writeNew(slice, index, clusters, at, source, wanted);
        }
        case COMPRESSED -> writeOverCompressed(slice, index, at, source, wanted);
      };
    } finally {
      map.unpin(slice);
    }
  }

  private int writeInPlace(CachedTable slice, int index, long at, ByteBuffer source, int wanted)
      throws ImageFault {
    long host = TableEntry.hostOffset(slice.entry(index));
    map.requireNoMetadata(host);
    long run = (long) geometry.clusterSize() - geometry.inCluster(at);
    for (int i = index + 1; run < wanted && i < slice.entries(); i++) {
      long next = host + (long) (i - index) * geometry.clusterSize();
      if (slice.entry(i) != TableEntry.toOwned(next) || next >= file.size()) {
        break;
      }
      map.requireNoMetadata(next);
      run += geometry.clusterSize();
    }
    int length = (int) Math.min(wanted, run);
    put(source, length, host + geometry.inCluster(at));
    return length;
  }

  /** Entries from {@code index} on that need a new cluster and have no old one, as far as asked. */
  private int vacantRun(CachedTable slice, int index, long at, int wanted) {
    long most = geometry.clustersFor((long) geometry.inCluster(at) + wanted);
    int run = 1;
    while (run < most && index + run < slice.entries() && isVacant(slice.entry(index + run))) {
      run++;
    }
    return run;
  }

  private static boolean isVacant(long entry) {
    return entry == 0 || entry == TableEntry.ZERO;
  }

  /** Into new clusters, over zeros; the cluster that was kept for them, if any, is shared. */
  private int writeNew(
      CachedTable slice, int index, int clusters, long at, ByteBuffer source, int wanted)
      throws ImageFault {
    HostRun run = map.allocator().allocate(clusters);
    int head = geometry.inCluster(at);
    int length = (int) Math.min(wanted, run.bytes() - head);
    int start = source.position();
    try {
      clear(run, 0, head);
      put(source, length, run.offset() + head);
      clear(run, head + (long) length, run.bytes());
    } catch (ImageFault e) {
      source.position(start);
      map.allocator().giveBack(run, e);
      throw e;
    }
    long shared = TableEntry.hostOffset(slice.entry(index));
    for (int i = 0; i < run.count(); i++) {
      long host = run.offset() + (long) i * geometry.clusterSize();
      slice.setEntry(index + i, TableEntry.toOwned(host));
    }
    if (shared != 0) {
      map.allocator().freeLater(shared);
    }
    return length;
  }

  /**
   * Zeroes a part of new clusters, unless the file did not reach that far and it is zero anyway.
   */
  private void clear(HostRun run, long from, long to) throws ImageFault {
    long end = Math.min(run.offset() + to, run.fileSize());
    file.writeZeroes(run.offset() + from, end - (run.offset() + from));
  }

  /** Copy on write, of a cluster that an internal snapshot holds too. */
  private int writeCopy(CachedTable slice, int index, long at, ByteBuffer source, int wanted)
      throws ImageFault {
    long old = TableEntry.hostOffset(slice.entry(index));
    int head = geometry.inCluster(at);
    int length = Math.min(wanted, geometry.clusterSize() - head);
    HostRun run = map.allocator().allocate(1);
    int start = source.position();
    try {
      copy(old, run.offset(), 0, head);
      put(source, length, run.offset() + head);
      copy(old, run.offset(), head + length, geometry.clusterSize());
    } catch (ImageFault e) {
      source.position(start);
      map.allocator().giveBack(run, e);
      throw e;
    }
    slice.setEntry(index, TableEntry.toOwned(run.offset()));
    map.allocator().freeLater(old);
    return length;
  }

  private void copy(long fromCluster, long toCluster, int from, int to) throws ImageFault {
    if (from < to) {
      ByteBuffer bytes = ByteBuffer.allocate(to - from);
      file.read(bytes, fromCluster + from);
      file.write(bytes.flip(), toCluster + from);
    }
  }

  /** Copy on write: the whole cluster is unpacked into a new one, with the new bytes in it. */
  private int writeOverCompressed(
      CachedTable slice, int index, long at, ByteBuffer source, int wanted) throws ImageFault {
    CompressedDescriptor old = CompressedDescriptor.of(slice.entry(index), geometry);
    int head = geometry.inCluster(at);
    int length = Math.min(wanted, geometry.clusterSize() - head);
    ByteBuffer cluster = ByteBuffer.allocate(geometry.clusterSize());
    if (length < cluster.capacity()) {
      compressed.read(old.offset(), old.length(), 0, cluster, cluster.capacity());
    }
    cluster.put(head, source, source.position(), length);
    HostRun run = map.allocator().allocate(1);
    try {
      file.write(cluster.clear(), run.offset());
    } catch (ImageFault e) {
      map.allocator().giveBack(run, e);
      throw e;
    }
    source.position(source.position() + length);
    slice.setEntry(index, TableEntry.toOwned(run.offset()));
    map.freeCompressedLater(old);
    return length;
  }

  /** Into a cluster that was kept while it reads as zero; what it holds is not zero. */
  private int writeOverZeroes(CachedTable slice, int index, long at, ByteBuffer source, int wanted)
      throws ImageFault {
    long host = TableEntry.hostOffset(slice.entry(index));
    map.requireNoMetadata(host);
    int head = geometry.inCluster(at);
    int length = Math.min(wanted, geometry.clusterSize() - head);
    file.writeZeroes(host, head);
    put(source, length, host + head);
    int end = head + length;
    file.writeZeroes(host + end, geometry.clusterSize() - end);
    slice.setEntry(index, TableEntry.toOwned(host));
    return length;
  }

  private void put(ByteBuffer source, int length, long position) throws ImageFault {
    source.limit(source.position() + length);
    file.write(source, position);
  }
}

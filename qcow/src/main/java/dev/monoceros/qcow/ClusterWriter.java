package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.IoVector;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import dev.monoceros.qcow.map.HostRun;
import dev.monoceros.qcow.map.L2Entries;
import java.nio.ByteBuffer;

/**
 * Moves bytes from the caller to the file. A cluster's data is written before the L2 entry that
 * points at it changes, even in memory, so a failed write leaves the mapping as it was.
 */
final class ClusterWriter {
  private final OrderedFile data;
  private final Geometry geometry;
  private final ClusterMap map;
  private final L2Entries entries;
  private final CopyOnWrite copyOnWrite;
  private final boolean external;

  /**
   * @param data the file that holds the data clusters
   * @param external whether that is not the image file
   */
  ClusterWriter(
      OrderedFile data,
      Geometry geometry,
      ClusterMap map,
      CopyOnWrite copyOnWrite,
      boolean external) {
    this.data = data;
    this.geometry = geometry;
    this.map = map;
    this.entries = map.entries();
    this.copyOnWrite = copyOnWrite;
    this.external = external;
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
    CachedTable known = map.unsharedSlice(at);
    return known != null && overData(known, map.indexInSlice(at), at)
        ? writeInPlace(known, map.indexInSlice(at), at, source, wanted)
        : writeMapped(at, source, wanted);
  }

  /** Whether an entry need not change for a write; then the whole slice need not be in memory. */
  private boolean overData(CachedTable slice, int index, long at) throws ImageFault {
    if (!entries.ownData(slice, index, at)) {
      return false;
    }
    long host = TableEntry.hostOffset(entries.descriptor(slice, index));
    if (!external && host >= data.size()) {
      return false;
    }
    map.requireNoMetadata(host);
    return true;
  }

  private int writeMapped(long at, ByteBuffer source, int wanted) throws ImageFault {
    CachedTable slice = map.ownedSlice(at);
    map.pin(slice);
    try {
      int index = map.indexInSlice(at);
      map.check(slice, index, at);
      long descriptor = entries.descriptor(slice, index);
      int length = Math.min(wanted, geometry.clusterSize() - geometry.inCluster(at));
      if (TableEntry.compressed(descriptor)) {
        return writeOverCompressed(slice, index, at, source, length);
      }
      if (!entries.placed(descriptor)) {
        return writeNew(slice, index, at, source, wanted);
      }
      if (!TableEntry.copied(descriptor)) {
        return writeCopy(slice, index, at, source, length);
      }
      map.requireNoMetadata(TableEntry.hostOffset(descriptor));
      long touched =
          L2Entries.allocated(
              geometry.subclusterIndex(at), geometry.subclusterIndex(at + length - 1));
      return (entries.bitmap(slice, index) & touched) == touched
          ? writeInPlace(slice, index, at, source, wanted)
          : writeInto(slice, index, at, source, length);
    } finally {
      map.unpin(slice);
    }
  }

  /** Over data, and on over the clusters that follow in the file as they do on the disk. */
  private int writeInPlace(CachedTable slice, int index, long at, ByteBuffer source, int wanted)
      throws ImageFault {
    long host = TableEntry.hostOffset(entries.descriptor(slice, index));
    int length = (int) inPlace(slice, index, at, wanted);
    put(source, length, host + geometry.inCluster(at));
    return length;
  }

  /** How many of {@code wanted} bytes lie over data in one run of the file. */
  private long inPlace(CachedTable slice, int index, long at, long wanted) throws ImageFault {
    long host = TableEntry.hostOffset(entries.descriptor(slice, index));
    long run = (long) geometry.clusterSize() - geometry.inCluster(at);
    int count = entries.count(slice);
    for (int i = index + 1; run < wanted && i < count; i++) {
      long next = host + (long) (i - index) * geometry.clusterSize();
      if (entries.descriptor(slice, i) != TableEntry.toOwned(next)
          || entries.bitmap(slice, i) != entries.allAllocated()
          || (!external && next >= data.size())) {
        break;
      }
      map.requireNoMetadata(next);
      run += geometry.clusterSize();
    }
    return Math.min(wanted, run);
  }

  /** How many bytes from {@code at} on, at most {@code wanted}, only replace data; may be 0. */
  long runInPlace(long at, long wanted) throws ImageFault {
    CachedTable known = map.unsharedSlice(at);
    boolean over = known != null && overData(known, map.indexInSlice(at), at);
    return over ? inPlace(known, map.indexInSlice(at), at, wanted) : 0;
  }

  /** Writes as many bytes as {@link #runInPlace} has said, or what of them is still so. */
  void writeInPlace(long offset, IoVector source, long length) throws ImageFault {
    long end = offset + length;
    long at = offset;
    while (at < end) {
      long run = runInPlace(at, end - at);
      if (run > 0) {
        CachedTable slice = map.unsharedSlice(at);
        long host = TableEntry.hostOffset(entries.descriptor(slice, map.indexInSlice(at)));
        map.event(BlockEvent.WRITE_AIO);
        data.write(source, run, host + geometry.inCluster(at));
      } else {
        // What is noted before a change, for a bitmap, may have moved things.
        ByteBuffer piece = source.piece(end - at);
        run = piece.remaining();
        write(at, piece);
        source.advance(run);
      }
      at += run;
    }
  }

  /** Into a cluster of which not every subcluster that is touched has data. */
  private int writeInto(CachedTable slice, int index, long at, ByteBuffer source, int length)
      throws ImageFault {
    long descriptor = entries.descriptor(slice, index);
    long bitmap = entries.bitmap(slice, index);
    long host = TableEntry.hostOffset(descriptor);
    int head = geometry.inCluster(at);
    int start = source.position();
    try {
      fillHead(at - head, descriptor, bitmap, host, data.size(), head);
      put(source, length, host + head);
      fillTail(at - head, descriptor, bitmap, host, data.size(), head + length);
    } catch (ImageFault e) {
      source.position(start);
      throw e;
    }
    int first = geometry.subclusterIndex(head);
    int last = geometry.subclusterIndex(head + length - 1);
    entries.set(slice, index, descriptor, L2Entries.withData(bitmap, first, last));
    return length;
  }

  /** Fills a cluster from the start of the subcluster that the data begins in. */
  private void fillHead(
      long guest, long descriptor, long bitmap, long host, long fresh, int dataStart)
      throws ImageFault {
    int from = dataStart & -geometry.subclusterSize();
    copyOnWrite.fill(guest, descriptor, bitmap, host, fresh, from, dataStart);
  }

  /** Fills a cluster up to the end of the subcluster that the data ends in. */
  private void fillTail(
      long guest, long descriptor, long bitmap, long host, long fresh, int dataEnd)
      throws ImageFault {
    int to = (dataEnd + geometry.subclusterSize() - 1) & -geometry.subclusterSize();
    copyOnWrite.fill(guest, descriptor, bitmap, host, fresh, dataEnd, to);
  }

  /** Entries from {@code index} on that need a new cluster and have no old one, as far as asked. */
  private int vacantRun(CachedTable slice, int index, long at, int wanted) {
    long most = geometry.clustersFor((long) geometry.inCluster(at) + wanted);
    int count = entries.count(slice);
    int run = 1;
    while (run < most && index + run < count && entries.vacant(slice, index + run)) {
      run++;
    }
    return run;
  }

  /** Into new clusters where there were none. */
  private int writeNew(CachedTable slice, int index, long at, ByteBuffer source, int wanted)
      throws ImageFault {
    int head = geometry.inCluster(at);
    long guest = at - head;
    HostRun run = map.dataClusters().allocate(guest, vacantRun(slice, index, at, wanted));
    int length = (int) Math.min(wanted, run.bytes() - head);
    long end = head + (long) length;
    int lastCluster = (int) ((end - 1) >>> geometry.clusterBits());
    long lastStart = (long) lastCluster << geometry.clusterBits();
    int start = source.position();
    try {
      fillHead(guest, 0, entries.bitmap(slice, index), run.offset(), run.fileSize(), head);
      put(source, length, run.offset() + head);
      fillTail(
          guest + lastStart,
          0,
          entries.bitmap(slice, index + lastCluster),
          run.offset() + lastStart,
          run.fileSize(),
          (int) (end - lastStart));
    } catch (ImageFault e) {
      source.position(start);
      map.dataClusters().giveBack(run, e);
      throw e;
    }
    for (int i = 0; i <= lastCluster; i++) {
      int first = i == 0 ? geometry.subclusterIndex(head) : 0;
      int last = i == lastCluster ? geometry.subclusterIndex(end - 1) : geometry.subclusters() - 1;
      link(slice, index + i, run.offset() + ((long) i << geometry.clusterBits()), first, last);
    }
    return length;
  }

  /** Points an entry at its new cluster, in which these subclusters have been written. */
  private void link(CachedTable slice, int index, long host, int first, int last) {
    long bitmap = L2Entries.withData(entries.bitmap(slice, index), first, last);
    entries.set(slice, index, TableEntry.toOwned(host), bitmap);
  }

  /** Copy on write, of a cluster that an internal snapshot holds too. */
  private int writeCopy(CachedTable slice, int index, long at, ByteBuffer source, int length)
      throws ImageFault {
    long old = entries.descriptor(slice, index);
    long bitmap = entries.bitmap(slice, index);
    int head = geometry.inCluster(at);
    long guest = at - head;
    int first = geometry.subclusterIndex(head);
    int last = geometry.subclusterIndex(head + length - 1);
    HostRun run = map.dataClusters().allocate(guest, 1);
    long host = run.offset();
    int start = source.position();
    try {
      copyOnWrite.copyAllocated(old, bitmap, host, 0, first);
      fillHead(guest, old, bitmap, host, run.fileSize(), head);
      put(source, length, host + head);
      fillTail(guest, old, bitmap, host, run.fileSize(), head + length);
      copyOnWrite.copyAllocated(old, bitmap, host, last + 1, geometry.subclusters());
    } catch (ImageFault e) {
      source.position(start);
      map.dataClusters().giveBack(run, e);
      throw e;
    }
    link(slice, index, host, first, last);
    map.freeLater(old);
    return length;
  }

  /** Copy on write: the cluster is unpacked into a new one, with the new bytes in it. */
  private int writeOverCompressed(
      CachedTable slice, int index, long at, ByteBuffer source, int length) throws ImageFault {
    long old = entries.descriptor(slice, index);
    int head = geometry.inCluster(at);
    ByteBuffer cluster = copyOnWrite.unpacked(old, length == geometry.clusterSize());
    cluster.put(head, source, source.position(), length);
    HostRun run = map.dataClusters().allocate(at - head, 1);
    try {
      map.event(BlockEvent.WRITE_AIO);
      data.write(cluster, run.offset());
    } catch (ImageFault e) {
      map.dataClusters().giveBack(run, e);
      throw e;
    }
    source.position(source.position() + length);
    entries.set(slice, index, TableEntry.toOwned(run.offset()), entries.allAllocated());
    map.freeLater(old);
    return length;
  }

  private void put(ByteBuffer source, int length, long position) throws ImageFault {
    source.limit(source.position() + length);
    map.event(BlockEvent.WRITE_AIO);
    data.write(source, position);
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The snapshot option: writes go to memory, a cluster at a time, over an image that is only read.
 * They are gone at close. Memory is bounded by the option {@code overlayLimit}.
 */
final class OverlayImage extends BaseImage {
  private static final int MIN_CLUSTER = 4096;
  private static final int MAX_CLUSTER = 64 * 1024;
  private static final int MOST_CLUSTERS = 4096;

  private final BaseImage base;
  private final OverlayMemory memory;
  private final int clusterSize;

  /** What is beyond this offset of the base was cut away and does not come back. */
  private long baseEnd;

  OverlayImage(Path path, BaseImage base, boolean readOnly, long limit) {
    super(path, base.size(), readOnly);
    this.base = base;
    this.baseEnd = base.size();
    this.clusterSize = Math.clamp(base.clusterSize(), MIN_CLUSTER, MAX_CLUSTER);
    this.memory = new OverlayMemory(clusterSize, limit);
  }

  @Override
  public ImageFormat format() {
    return base.format();
  }

  @Override
  public int clusterSize() {
    return base.clusterSize();
  }

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long at = offset;
    try {
      while (target.position() < limit) {
        int in = inCluster(at);
        int length = Math.min(limit - target.position(), clusterSize - in);
        target.limit(target.position() + length);
        ByteBuffer cluster = memory.get(at);
        if (cluster == null) {
          readBase(at, target);
        } else {
          target.put(target.position(), cluster, in, length);
          target.position(target.limit());
        }
        target.limit(limit);
        at += length;
      }
    } finally {
      target.limit(limit);
    }
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    long at = offset;
    while (source.hasRemaining()) {
      int in = inCluster(at);
      int length = Math.min(source.remaining(), clusterSize - in);
      clusterForWriting(at, length).put(in, source, source.position(), length);
      source.position(source.position() + length);
      at += length;
    }
  }

  /** The cluster of {@code at}, filled from the base unless all of it is about to be written. */
  private ByteBuffer clusterForWriting(long at, int length) throws ImageFault {
    ByteBuffer cluster = memory.get(at);
    if (cluster != null) {
      return cluster;
    }
    cluster = memory.allocate();
    long start = at - inCluster(at);
    try {
      if (length < clusterSize) {
        readBase(start, cluster.clear());
      }
    } catch (ImageFault e) {
      memory.giveBack(cluster);
      throw e;
    }
    memory.put(at, cluster.clear());
    return cluster;
  }

  /** What the base still shows, and zeros behind it. */
  private void readBase(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long there = baseEnd - offset;
    if (there > 0) {
      target.limit((int) Math.min(limit, target.position() + there));
      base.readFromAbove(offset, target);
      target.limit(limit);
    }
    OrderedFile.fillZero(target, target.remaining());
  }

  private int inCluster(long offset) {
    return (int) (offset & (clusterSize - 1));
  }

  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    long at = offset;
    long end = offset + length;
    while (at < end) {
      int in = inCluster(at);
      int part = (int) Math.min(end - at, clusterSize - in);
      ByteBuffer cluster = clusterForWriting(at, part);
      OrderedFile.fillZero(cluster.clear().position(in), part);
      cluster.clear();
      at += part;
    }
  }

  /** Only a hint. */
  @Override
  void discardAt(long offset, long length) {}

  /** The base keeps its size; space is reserved in memory, which holds zeros for it. */
  @Override
  void resizeTo(long newSize, Preallocation preallocation) throws ImageFault {
    long old = size();
    if (newSize < old) {
      int kept = inCluster(newSize);
      ByteBuffer last = kept == 0 ? null : memory.get(newSize);
      if (last != null) {
        OrderedFile.fillZero(last.position(kept), clusterSize - kept);
        last.clear();
      }
      memory.dropFrom(newSize - kept + (kept == 0 ? 0 : clusterSize));
      baseEnd = Math.min(baseEnd, newSize);
    } else if (preallocation != Preallocation.OFF) {
      zeroAt(old, newSize - old, false);
    }
  }

  /** Nothing of an overlay is meant to survive. */
  @Override
  void flushAll() {}

  @Override
  Extent extentAt(long offset, long length) {
    boolean held = memory.get(offset) != null;
    boolean cutAway = !held && offset >= baseEnd && offset < base.size();
    long end = offset - inCluster(offset) + clusterSize;
    // Bounded, so that a disk of any size is described in steps of short time.
    long last = Math.min(offset + length, offset + (long) MOST_CLUSTERS * clusterSize);
    while (end < last && (memory.get(end) != null) == held) {
      end += clusterSize;
    }
    if (!held && offset < base.size()) {
      end = Math.min(end, cutAway ? base.size() : baseEnd);
    }
    return new Extent(
        offset,
        Math.min(end, offset + length) - offset,
        0,
        held || cutAway,
        held,
        cutAway,
        false,
        Extent.NO_OFFSET,
        Optional.empty());
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    return base.currentInfo().overlaid(size());
  }

  @Override
  BaseImage base() {
    return base;
  }

  @Override
  ImageStats currentStats() {
    ImageStats s = base.stats();
    return new ImageStats(
        s.l2(),
        s.refcounts(),
        s.fileReads(),
        s.fileWrites(),
        s.barriers(),
        memory.bytes(),
        s.host());
  }

  @Override
  void closeAll() throws ImageFault {
    memory.release();
    base.closeFromAbove();
  }

  /** What is said when the overlay may not grow any further. */
  static ImageFault full(long limit) {
    return new ImageFault(
        ErrorKind.NO_SPACE,
        ImageFault.NO_OFFSET,
        "the snapshot holds " + limit + " bytes of changes in memory, which is its limit");
  }
}

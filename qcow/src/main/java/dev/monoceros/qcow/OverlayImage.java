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

  OverlayImage(Path path, BaseImage base, boolean readOnly, long limit) {
    super(path, base.size(), readOnly);
    this.base = base;
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
          base.readFromAbove(at, target);
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
    int part = (int) Math.min(clusterSize, size() - start);
    try {
      if (length < part) {
        base.readFromAbove(start, cluster.limit(part));
      }
    } catch (ImageFault e) {
      memory.giveBack(cluster);
      throw e;
    }
    memory.put(at, cluster.clear());
    return cluster;
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

  /** Nothing of an overlay is meant to survive. */
  @Override
  void flushAll() {}

  @Override
  Extent extentAt(long offset, long length) {
    boolean held = memory.get(offset) != null;
    long end = offset - inCluster(offset) + clusterSize;
    // Bounded, so that a disk of any size is described in steps of short time.
    long last = Math.min(offset + length, offset + (long) MOST_CLUSTERS * clusterSize);
    while (end < last && (memory.get(end) != null) == held) {
      end += clusterSize;
    }
    long described = Math.min(end, offset + length) - offset;
    return new Extent(
        offset, described, 0, held, held, false, false, Extent.NO_OFFSET, Optional.empty());
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    return base.currentInfo();
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

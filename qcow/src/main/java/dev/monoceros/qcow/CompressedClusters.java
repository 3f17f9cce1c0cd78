package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterDecompressor;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * Reads compressed clusters of one image and keeps the last one, so that a cluster which is read in
 * pieces is unpacked once. Has a lock of its own; memory is taken with the first cluster.
 */
final class CompressedClusters implements AutoCloseable {
  private static final long NONE = -1;

  private final OrderedFile file;
  private final int clusterSize;
  private final ClusterDecompressor decompressor;
  private ByteBuffer packed;
  private ByteBuffer cluster;
  private long offset = NONE;
  private int length;

  CompressedClusters(OrderedFile file, int clusterSize, ClusterDecompressor decompressor) {
    this.file = file;
    this.clusterSize = clusterSize;
    this.decompressor = decompressor;
  }

  /**
   * Copies a part of the cluster whose stream is within {@code length} bytes at {@code offset} of
   * the file.
   *
   * @param from first byte within the cluster
   * @param target receives {@code count} bytes, and its position moves behind them
   */
  synchronized void read(long offset, int length, int from, ByteBuffer target, int count)
      throws ImageFault {
    load(offset, length);
    target.put(target.position(), cluster, from, count);
    target.position(target.position() + count);
  }

  /** Call before the file's contents change at places that may have held compressed data. */
  synchronized void forget() {
    offset = NONE;
  }

  private void load(long wantedOffset, int wantedLength) throws ImageFault {
    if (offset == wantedOffset && length == wantedLength) {
      return;
    }
    offset = NONE;
    if (wantedOffset >= file.size()) {
      throw ImageFault.corrupt(
          wantedOffset,
          "the compressed cluster at offset " + wantedOffset + " lies beyond the end of the file");
    }
    if (cluster == null) {
      cluster = ByteBuffer.allocateDirect(clusterSize);
    }
    if (packed == null || packed.capacity() < wantedLength) {
      packed = ByteBuffer.allocateDirect(Math.max(wantedLength, clusterSize));
    }
    // The last sector may be cut off by the end of the file, which reads as zero then.
    file.read(packed.clear().limit(wantedLength), wantedOffset);
    if (!decompressor.decompress(packed.flip(), cluster.clear())) {
      throw ImageFault.corrupt(
          wantedOffset, "the compressed cluster at offset " + wantedOffset + " is damaged");
    }
    offset = wantedOffset;
    length = wantedLength;
  }

  @Override
  public synchronized void close() {
    offset = NONE;
    decompressor.close();
  }
}

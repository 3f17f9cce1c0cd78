package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.codec.ClusterCompressor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;

/** Compresses clusters on any number of threads, each with a compressor of its own. */
final class ClusterPacker implements AutoCloseable {
  private final DiskImage target;
  private final int clusterSize;
  private final ArrayDeque<Worker> idle = new ArrayDeque<>();

  /** A compressor and the array it reads from. */
  private record Worker(ClusterCompressor compressor, byte[] cluster) {}

  ClusterPacker(DiskImage target) {
    this.target = target;
    this.clusterSize = target.clusterSize();
  }

  /**
   * Compresses one cluster.
   *
   * @param source its bytes, fewer at the end of the disk
   * @param packed receives the stream, as long as a cluster
   * @return length of the stream, or {@link ClusterCompressor#INCOMPRESSIBLE}
   */
  int pack(ByteBuffer source, byte[] packed) throws ImageException {
    Worker worker = take();
    try {
      int length = source.remaining();
      source.get(source.position(), worker.cluster, 0, length);
      Arrays.fill(worker.cluster, length, clusterSize, (byte) 0);
      return worker.compressor.compress(worker.cluster, packed);
    } finally {
      synchronized (idle) {
        idle.push(worker);
      }
    }
  }

  private Worker take() throws ImageException {
    synchronized (idle) {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    }
    return new Worker(target.newCompressor(), new byte[clusterSize]);
  }

  /** Call when no thread packs any more. */
  @Override
  public void close() {
    synchronized (idle) {
      idle.forEach(worker -> worker.compressor.close());
      idle.clear();
    }
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Clusters in native memory, found by guest offset through leaves of 4096 clusters each. */
final class OverlayMemory {
  private static final int LEAF_BITS = 12;
  private static final int SLAB = 1 << 20;

  private final Arena arena = Arena.ofShared();
  private final int clusterSize;
  private final int clusterBits;
  private final long limit;
  private final Map<Long, ByteBuffer[]> leaves = new HashMap<>();
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private long bytes;
  private long lastNumber = -1;
  private ByteBuffer[] lastLeaf;

  OverlayMemory(int clusterSize, long limit) {
    this.clusterSize = clusterSize;
    this.clusterBits = Integer.numberOfTrailingZeros(clusterSize);
    this.limit = limit;
  }

  /** The cluster that holds {@code offset}, or null. */
  ByteBuffer get(long offset) {
    ByteBuffer[] leaf = leaf(offset >>> (clusterBits + LEAF_BITS));
    return leaf == null ? null : leaf[indexInLeaf(offset)];
  }

  void put(long offset, ByteBuffer cluster) {
    long number = offset >>> (clusterBits + LEAF_BITS);
    ByteBuffer[] leaf = leaf(number);
    if (leaf == null) {
      leaf = new ByteBuffer[1 << LEAF_BITS];
      leaves.put(number, leaf);
      lastLeaf = leaf;
    }
    leaf[indexInLeaf(offset)] = cluster;
  }

  /** The map boxes its keys, so the leaf of the last access is kept at hand. */
  private ByteBuffer[] leaf(long number) {
    if (number != lastNumber) {
      lastLeaf = leaves.get(number);
      lastNumber = number;
    }
    return lastLeaf;
  }

  private int indexInLeaf(long offset) {
    return (int) (offset >>> clusterBits) & ((1 << LEAF_BITS) - 1);
  }

  /** A cluster of undefined contents. */
  ByteBuffer allocate() throws ImageFault {
    if (bytes + clusterSize > limit) {
      throw OverlayImage.full(limit);
    }
    if (free.isEmpty()) {
      allocateSlab();
    }
    bytes += clusterSize;
    return free.poll();
  }

  void giveBack(ByteBuffer cluster) {
    free.push(cluster.clear());
    bytes -= clusterSize;
  }

  /** Forgets the clusters from {@code offset}, a multiple of their size, on. */
  void dropFrom(long offset) {
    for (Map.Entry<Long, ByteBuffer[]> entry : leaves.entrySet()) {
      long start = entry.getKey() << (clusterBits + LEAF_BITS);
      ByteBuffer[] leaf = entry.getValue();
      for (int i = 0; i < leaf.length; i++) {
        if (leaf[i] != null && start + ((long) i << clusterBits) >= offset) {
          giveBack(leaf[i]);
          leaf[i] = null;
        }
      }
    }
  }

  private void allocateSlab() throws ImageFault {
    ByteBuffer slab;
    try {
      slab = arena.allocate(SLAB, clusterSize).asByteBuffer();
    } catch (OutOfMemoryError e) {
      throw new ImageFault(
          ErrorKind.NO_SPACE,
          ImageFault.NO_OFFSET,
          "the host has no memory left for the snapshot's changes (" + bytes + " bytes so far)");
    }
    for (int at = 0; at < SLAB; at += clusterSize) {
      free.add(slab.slice(at, clusterSize));
    }
  }

  /** Bytes of guest data held. */
  long bytes() {
    return bytes;
  }

  /** Frees everything at once. */
  void release() {
    arena.close();
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.RefcountCodec;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/**
 * Layout of an image without data, in QEMU's order: header, refcount table, refcount blocks, L1
 * table.
 *
 * @param tableClusters of the refcount table
 * @param blocks number of refcount blocks
 * @param l1Clusters of the L1 table
 */
record EmptyImage(Geometry geometry, long size, int tableClusters, int blocks, int l1Clusters) {

  static EmptyImage plan(Geometry geometry, long size) throws ImageFault {
    long l1Bytes = geometry.l1EntriesFor(size) * TableEntry.BYTES;
    if (l1Bytes > Limits.L1_BYTES) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "The image size is too large for file format 'qcow2' (try using a larger cluster size)");
    }
    int l1Clusters = (int) geometry.clustersFor(l1Bytes);
    int tableClusters = 1;
    int blocks = 1;
    while (true) {
      long clusters = 1L + tableClusters + blocks + l1Clusters;
      int blocksNeeded = divideUp(clusters, geometry.refcountsPerBlock());
      int tableNeeded = divideUp(blocksNeeded, geometry.entriesPerCluster());
      if (blocksNeeded <= blocks && tableNeeded <= tableClusters) {
        return new EmptyImage(geometry, size, tableClusters, blocks, l1Clusters);
      }
      blocks = Math.max(blocks, blocksNeeded);
      tableClusters = Math.max(tableClusters, tableNeeded);
    }
  }

  private static int divideUp(long amount, int unit) {
    return (int) ((amount + unit - 1) / unit);
  }

  private int clusters() {
    return 1 + tableClusters + blocks + l1Clusters;
  }

  private long offsetOf(int cluster) {
    return (long) cluster << geometry.clusterBits();
  }

  long refcountTableOffset() {
    return offsetOf(1);
  }

  long blockOffset(int index) {
    return offsetOf(1 + tableClusters + index);
  }

  long fileSize() {
    return offsetOf(clusters());
  }

  /** Offset of the L1 table; one of no entries has none. */
  long l1Offset() {
    return l1Clusters == 0 ? 0 : offsetOf(1 + tableClusters + blocks);
  }

  int l1Entries() {
    return (int) geometry.l1EntriesFor(size);
  }

  ByteBuffer refcountTable() {
    ByteBuffer bytes = ByteBuffer.allocate(tableClusters << geometry.clusterBits());
    for (int i = 0; i < blocks; i++) {
      bytes.putLong(i * TableEntry.BYTES, blockOffset(i));
    }
    return bytes;
  }

  /** Counts each cluster of the metadata once. */
  ByteBuffer refcountBlock(int index) {
    RefcountCodec codec = new RefcountCodec(geometry.refcountOrder());
    ByteBuffer bytes = ByteBuffer.allocate(geometry.clusterSize());
    long base = (long) index * geometry.refcountsPerBlock();
    for (int i = 0; i < geometry.refcountsPerBlock() && base + i < clusters(); i++) {
      codec.set(bytes, i, 1);
    }
    return bytes;
  }
}

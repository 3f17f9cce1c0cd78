package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.RefcountCodec;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * Moves the refcount table to a larger place when the file outgrows it. The new table starts at the
 * first cluster that the old one cannot count, where all is free; the refcount blocks that count
 * the new table and themselves follow it. All of that is on disk before the header, in one sector,
 * switches over; a cut before leaves the old table, a cut after the new one.
 *
 * @param first cluster of the new table
 * @param tableClusters its length
 * @param blocks number of refcount blocks that follow
 */
record RefcountTableGrowth(Geometry geometry, long first, int tableClusters, int blocks) {

  /**
   * @param oldEntries length of the old table
   * @param first a cluster that the old table cannot count
   */
  static RefcountTableGrowth plan(Geometry geometry, int oldEntries, long first) throws ImageFault {
    int perCluster = geometry.entriesPerCluster();
    // Half as much again, so that n allocations cost O(log n) moves.
    int clusters = oldEntries / perCluster + oldEntries / perCluster / 2 + 1;
    while (true) {
      int blocks = 0;
      long end;
      do {
        blocks++;
        end = first + clusters + blocks;
      } while (lastIndex(geometry, end) - firstIndex(geometry, first) >= blocks);
      if (((long) clusters << geometry.clusterBits()) > Limits.REFCOUNT_TABLE_BYTES) {
        throw new ImageFault(
            ErrorKind.NO_SPACE,
            first << geometry.clusterBits(),
            "the image file has reached the largest size its refcount table allows");
      }
      if (lastIndex(geometry, end) < (long) clusters * perCluster) {
        return new RefcountTableGrowth(geometry, first, clusters, blocks);
      }
      clusters++;
    }
  }

  private static long firstIndex(Geometry geometry, long first) {
    return first / geometry.refcountsPerBlock();
  }

  private static long lastIndex(Geometry geometry, long end) {
    return (end - 1) / geometry.refcountsPerBlock();
  }

  long tableOffset() {
    return first << geometry.clusterBits();
  }

  long firstBlockOffset() {
    return (first + tableClusters) << geometry.clusterBits();
  }

  long endOffset() {
    return (first + tableClusters + blocks) << geometry.clusterBits();
  }

  /** Writes table and blocks, switches the header, and returns the new table. */
  ResidentTable carryOut(OrderedFile file, ResidentTable old) throws ImageFault {
    long sizeBefore = file.size();
    long[] entries = old.copyOfEntries(tableClusters * geometry.entriesPerCluster());
    int firstIndex = (int) firstIndex(geometry, first);
    for (int i = 0; i < blocks; i++) {
      entries[firstIndex + i] = firstBlockOffset() + ((long) i << geometry.clusterBits());
    }
    try {
      file.event(BlockEvent.REFBLOCK_ALLOC_WRITE_TABLE);
      file.write(encode(entries), tableOffset());
      file.event(BlockEvent.REFBLOCK_ALLOC_WRITE_BLOCKS);
      for (int i = 0; i < blocks; i++) {
        file.write(block(firstIndex + i), entries[firstIndex + i]);
      }
      file.barrier();
    } catch (ImageFault e) {
      cutBack(file, sizeBefore, e);
      throw e;
    }
    // If this fails the header may hold either place. Both tables say the same, and the caller
    // repeats the move, at the same clusters, before it changes an entry of either.
    file.event(BlockEvent.REFBLOCK_ALLOC_SWITCH_TABLE);
    file.write(headerFields(), HeaderField.REFCOUNT_TABLE_OFFSET);
    file.barrier();
    return ResidentTable.of(file, tableOffset(), entries);
  }

  private void cutBack(OrderedFile file, long sizeBefore, ImageFault failure) {
    try {
      file.cutTo(Math.max(sizeBefore, tableOffset()));
    } catch (ImageFault e) {
      failure.addSuppressed(e);
    }
  }

  private static ByteBuffer encode(long[] entries) {
    ByteBuffer bytes = ByteBuffer.allocate(entries.length * Long.BYTES);
    bytes.asLongBuffer().put(entries);
    return bytes;
  }

  /** The block of table entry {@code index}: counts what this growth occupies, and nothing else. */
  private ByteBuffer block(int index) {
    RefcountCodec codec = new RefcountCodec(geometry.refcountOrder());
    ByteBuffer bytes = ByteBuffer.allocate(geometry.clusterSize());
    long base = (long) index * geometry.refcountsPerBlock();
    for (int i = 0; i < geometry.refcountsPerBlock(); i++) {
      long cluster = base + i;
      if (cluster >= first && cluster < first + tableClusters + blocks) {
        codec.set(bytes, i, 1);
      }
    }
    return bytes;
  }

  /** refcount_table_offset and refcount_table_clusters, which are neighbours. */
  private ByteBuffer headerFields() {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    return bytes.putLong(tableOffset()).putInt(tableClusters).flip();
  }
}

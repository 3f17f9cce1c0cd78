package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.L2Entries;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Copies into a cluster what a write leaves out of the subclusters it touches, from wherever the
 * disk has it until then: another cluster, a compressed one, the backing file, or zeros.
 */
final class CopyOnWrite {
  private final OrderedFile data;
  private final Geometry geometry;
  private final Below below;
  private final CompressedReader compressed;
  private final LongSupplier diskSize;
  private final Consumer<BlockEvent> events;
  private ByteBuffer buffer;

  CopyOnWrite(
      OrderedFile data,
      Geometry geometry,
      Below below,
      CompressedReader compressed,
      LongSupplier diskSize,
      Consumer<BlockEvent> events) {
    this.data = data;
    this.geometry = geometry;
    this.below = below;
    this.compressed = compressed;
    this.diskSize = diskSize;
    this.events = events;
  }

  /**
   * Fills a part of one subcluster.
   *
   * @param guest the guest cluster's offset
   * @param descriptor what its L2 entry says still
   * @param bitmap what its L2 entry says still
   * @param host offset of the cluster to fill in the data file
   * @param fresh where the data file ended before the cluster was allocated; from there on it is
   *     zero already
   * @param from first byte of the part, within the cluster
   * @param to first byte after it
   */
  void fill(long guest, long descriptor, long bitmap, long host, long fresh, int from, int to)
      throws ImageFault {
    if (from >= to) {
      return;
    }
    int subcluster = from >>> geometry.subclusterBits();
    if (L2Entries.isAllocated(bitmap, subcluster)) {
      copy(TableEntry.hostOffset(descriptor), host, from, to);
    } else if (L2Entries.isZero(bitmap, subcluster) || !below.exists()) {
      zero(host, fresh, from, to);
    } else {
      fillFromBelow(guest, host, fresh, from, to);
    }
  }

  /** What lies below the end of this disk is not this disk's, however it may grow. */
  private void fillFromBelow(long guest, long host, long fresh, int from, int to)
      throws ImageFault {
    int end = (int) Math.max(from, Math.min(to, diskSize.getAsLong() - guest));
    if (from < end) {
      ByteBuffer bytes = buffer(end - from);
      events.accept(BlockEvent.COW_READ);
      below.read(guest + from, bytes);
      events.accept(BlockEvent.COW_WRITE);
      data.write(bytes.flip(), host + from);
    }
    zero(host, fresh, end, to);
  }

  private void zero(long host, long fresh, int from, int to) throws ImageFault {
    long end = Math.min(host + to, fresh);
    data.writeZeroes(host + from, end - (host + from));
  }

  private void copy(long fromCluster, long toCluster, int from, int to) throws ImageFault {
    if (fromCluster != toCluster) {
      ByteBuffer bytes = buffer(to - from);
      events.accept(BlockEvent.COW_READ);
      data.read(bytes, fromCluster + from);
      events.accept(BlockEvent.COW_WRITE);
      data.write(bytes.flip(), toCluster + from);
    }
  }

  /**
   * Copies the subclusters from {@code first} to before {@code end} that are allocated; the others
   * keep their state and need no bytes.
   */
  void copyAllocated(long descriptor, long bitmap, long host, int first, int end)
      throws ImageFault {
    int at = first;
    while (at < end) {
      int stop = at + 1;
      boolean allocated = L2Entries.isAllocated(bitmap, at);
      while (stop < end && L2Entries.isAllocated(bitmap, stop) == allocated) {
        stop++;
      }
      if (allocated) {
        int bits = geometry.subclusterBits();
        copy(TableEntry.hostOffset(descriptor), host, at << bits, stop << bits);
      }
      at = stop;
    }
  }

  /**
   * A buffer with the contents of a compressed cluster, good until the next call.
   *
   * @param overwritten whether all of it is to be overwritten and the contents do not matter
   */
  ByteBuffer unpacked(long descriptor, boolean overwritten) throws ImageFault {
    ByteBuffer bytes = buffer(geometry.clusterSize());
    if (!overwritten) {
      compressed.read(descriptor, 0, bytes);
    }
    return bytes.clear();
  }

  private ByteBuffer buffer(int length) {
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(geometry.clusterSize());
    }
    return buffer.clear().limit(length);
  }
}

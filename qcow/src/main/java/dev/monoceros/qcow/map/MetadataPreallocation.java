package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.RefcountCodec;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * Tells whether an image counts many more clusters as used than its file takes on the host, as one
 * does that was created with {@code preallocation=metadata}; QEMU's {@code
 * qcow2_detect_metadata_preallocation}. Only there is it worth looking for holes beneath data.
 */
public final class MetadataPreallocation {
  private final OrderedFile file;
  private final Geometry geometry;
  private final RefcountCodec codec;
  private final ResidentTable table;

  private MetadataPreallocation(OrderedFile file, Header header) throws ImageFault {
    this.file = file;
    this.geometry = header.geometry();
    this.codec = new RefcountCodec(geometry.refcountOrder());
    int entries = header.refcountTableClusters() * geometry.entriesPerCluster();
    this.table = ResidentTable.read(file, header.refcountTableOffset(), entries);
  }

  /**
   * Reads refcounts as the file holds them until the answer is clear. False as well where a
   * refcount block is not to be found.
   */
  public static boolean detect(OrderedFile file, Header header) {
    try {
      // Where the host does not say it is worth a try, as in QEMU.
      long allocated = Math.max(0, file.allocatedBytes());
      long real = allocated / header.geometry().clusterSize();
      long threshold = Math.max(real * 10 / 9, real + 2);
      return new MetadataPreallocation(file, header).counts(threshold);
    } catch (ImageFault e) {
      // What a check would complain of; here it only means that nothing more is known.
      return false;
    }
  }

  /** True if so many clusters of the file have users. */
  private boolean counts(long threshold) throws ImageFault {
    long end = Math.ceilDiv(file.size(), geometry.clusterSize());
    int perBlock = geometry.refcountsPerBlock();
    ByteBuffer block = ByteBuffer.allocate(geometry.clusterSize());
    long used = 0;
    for (int i = table.next(0); i < table.length(); i = table.next(i + 1)) {
      long first = (long) i * perBlock;
      if (first >= end) {
        break;
      }
      long offset = table.get(i);
      if (offset < 0 || offset >= TableEntry.MAX_HOST_OFFSET || !geometry.aligned(offset)) {
        return false;
      }
      file.read(block.clear(), offset);
      used += codec.countUsed(block, (int) Math.min(perBlock, end - first));
      if (used >= threshold) {
        return true;
      }
    }
    return false;
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.MetadataPreallocation;

/**
 * Finds data clusters that lie over holes of the host's file, so that they are known to read as
 * zero: QEMU's {@code BDRV_BLOCK_RECURSE}. Like QEMU it looks only where metadata was preallocated.
 */
final class HolesBeneath {
  private static final int SECTOR = 512;

  private final OrderedFile file;
  private final OrderedFile data;
  private final Header header;
  private boolean detected;
  private boolean preallocated;

  /** The stretch of the data file that was seen last; asking the host again costs a call. */
  private long from;

  private long to;
  private boolean hole;

  /**
   * @param file with the metadata
   * @param data with the data clusters, perhaps the same
   */
  HolesBeneath(OrderedFile file, OrderedFile data, Header header) {
    this.file = file;
    this.data = data;
    this.header = header;
  }

  /** The file is about to change. */
  void forget() {
    to = from;
  }

  /** The same extent, or its beginning, with what the file beneath says about it. */
  Extent look(Extent extent) {
    boolean open = extent.data() && !extent.zero() && extent.fileOffset() != Extent.NO_OFFSET;
    if (!open || !preallocated()) {
      return extent;
    }
    try {
      return lookAt(extent);
    } catch (ImageFault e) {
      // Only extra information is lost, and the access itself will say what is wrong.
      return extent;
    }
  }

  private boolean preallocated() {
    if (!detected) {
      preallocated = MetadataPreallocation.detect(file, header);
      detected = true;
    }
    return preallocated;
  }

  private Extent lookAt(Extent extent) throws ImageFault {
    long at = extent.fileOffset();
    if (at >= data.size()) {
      return part(extent, extent.length(), true);
    }
    if (at < from || at >= to) {
      find(at);
    }
    if (to >= data.size()) {
      // Whatever follows the end of the file reads as zero, but data is told apart from that.
      long sectors = Math.ceilDiv(data.size(), SECTOR) * SECTOR - at;
      return part(extent, hole ? extent.length() : Math.min(extent.length(), sectors), hole);
    }
    return part(extent, Math.min(extent.length(), to - at), hole);
  }

  private void find(long at) throws ImageFault {
    long next = data.nextData(at);
    hole = next > at;
    from = at;
    // Whoever changes the file in between must not make this a stretch of nothing.
    to = Math.max(at + 1, hole ? next : data.nextHole(at));
  }

  private static Extent part(Extent e, long length, boolean zero) {
    return new Extent(
        e.offset(),
        length,
        e.depth(),
        e.allocated(),
        e.data(),
        zero,
        e.compressed(),
        e.fileOffset(),
        e.file());
  }
}

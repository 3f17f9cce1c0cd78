package dev.monoceros.cli.io;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.io.ImageFault;

/**
 * Zeros that must not cost more than a change of metadata ({@code write -z -n}): refused where QEMU
 * would have to write them.
 */
final class FastZeroes {
  private static final int SUBCLUSTERS = 32;
  private static final int VERSION_3 = 3;

  private final DiskImage image;
  private final boolean mayUnmap;

  /** Bytes that have a state of their own. */
  private final long unit;

  private FastZeroes(DiskImage image, boolean mayUnmap, long unit) {
    this.image = image;
    this.mayUnmap = mayUnmap;
    this.unit = unit;
  }

  /**
   * @throws ImageException UNSUPPORTED where there is no fast way; what lies before is zero then
   */
  static void write(DiskImage image, long offset, long bytes, boolean mayUnmap)
      throws ImageException {
    ImageInfo info = image.info();
    if (info.format() == ImageFormat.RAW && info.detailed()) {
      image.writeZeroes(offset, bytes, mayUnmap);
      return;
    }
    ImageInfo.Qcow2 qcow2 = info.qcow2().orElseThrow(() -> refusal(info));
    if (qcow2.version() < VERSION_3) {
      // "The zero flag is only supported by version 3 and newer."
      throw refusal(info);
    }
    long unit = qcow2.extendedL2() ? info.clusterSize() / SUBCLUSTERS : info.clusterSize();
    new FastZeroes(image, mayUnmap, unit).write(info, offset, offset + bytes);
  }

  private static ImageException refusal(ImageInfo info) {
    return ImageException.of(
        info.fileName(),
        Operation.WRITE_ZEROES,
        ImageFault.unsupported(ImageFault.NO_OFFSET, "Operation not supported"));
  }

  /** The part of a unit at the start, whole units, the part of one at the end. */
  private void write(ImageInfo info, long offset, long end) throws ImageException {
    long at = offset;
    while (at < end) {
      boolean aligned = at % unit == 0;
      long whole = end - end % unit;
      boolean toEnd = end == image.size();
      long stop = aligned && toEnd ? end : aligned && whole > at ? whole : nextUnit(at, end);
      boolean part = at % unit != 0 || (stop % unit != 0 && stop != image.size());
      if (part && !restIsZero(at, stop)) {
        throw refusal(info);
      }
      image.writeZeroes(at, stop - at, mayUnmap);
      at = stop;
    }
  }

  private long nextUnit(long at, long end) {
    return Math.min(end, at - at % unit + unit);
  }

  /** True if the unit around stores nothing, and reads as zero outside of what is written. */
  private boolean restIsZero(long at, long stop) throws ImageException {
    long start = at - at % unit;
    long unitEnd = Math.min(start + unit, image.size());
    Extent own = image.ownExtent(start, unitEnd - start);
    boolean stored = own.data() || own.end() < unitEnd;
    return !stored && readsZero(start, at) && readsZero(stop, unitEnd);
  }

  private boolean readsZero(long from, long to) throws ImageException {
    long at = from;
    while (at < to) {
      Extent extent = image.extent(at, to - at);
      if (!extent.zero()) {
        return false;
      }
      at = extent.end();
    }
    return true;
  }
}

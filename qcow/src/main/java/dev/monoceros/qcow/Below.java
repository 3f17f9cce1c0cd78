package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * What a disk reads where its own image holds nothing: the backing file's disk, and zeros beyond
 * its end.
 */
final class Below {
  private final BaseImage image;
  private boolean named;

  /**
   * @param image the backing image, or null
   * @param named whether the image above names one, be it open or not
   */
  Below(BaseImage image, boolean named) {
    this.image = image;
    this.named = named;
  }

  /** True if clusters that this image does not hold may read as anything but zero. */
  boolean exists() {
    return named;
  }

  /** From now on the image above names one. */
  void name() {
    named = true;
  }

  /** The backing image, or null. */
  BaseImage image() {
    return image;
  }

  /** Fills {@code target} with what the disk below holds at {@code offset}. */
  void read(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long there = image == null ? 0 : Math.max(0, image.size() - offset);
    if (there > 0) {
      target.limit((int) Math.min(limit, target.position() + there));
      readImage(offset, target);
      target.limit(limit);
    }
    OrderedFile.fillZero(target, target.remaining());
  }

  /** True if that range is known to read as zero. */
  boolean readsAsZero(long offset, long length) throws ImageFault {
    if (image == null) {
      return !named;
    }
    long end = Math.min(offset + length, image.size());
    long at = offset;
    while (at < end) {
      Extent extent = image.extentFromAbove(at, end - at);
      if (!extent.zero()) {
        return false;
      }
      at = extent.end();
    }
    return true;
  }

  private void readImage(long offset, ByteBuffer target) throws ImageFault {
    try {
      image.readFromAbove(offset, target);
    } catch (ImageFault e) {
      throw e.within("the backing file " + image.path());
    }
  }

  void close() throws ImageFault {
    if (image != null) {
      image.closeFromAbove();
    }
  }
}

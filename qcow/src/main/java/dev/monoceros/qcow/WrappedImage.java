package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Any {@link DiskImage}, such as a filter of the block graph, as an image below another. */
final class WrappedImage extends BaseImage {
  private final DiskImage image;

  private WrappedImage(Path path, DiskImage image) {
    super(path, image.size(), image.readOnly());
    this.image = image;
  }

  /** {@code image} itself if it is one of this package, else one that stands for it. */
  static BaseImage of(Path path, DiskImage image) {
    return image instanceof BaseImage base ? base : new WrappedImage(path, image);
  }

  @Override
  public ImageFormat format() {
    return image.format();
  }

  @Override
  public String driver() {
    return image.driver();
  }

  @Override
  public int clusterSize() {
    return image.clusterSize();
  }

  private static void call(Call call) throws ImageFault {
    try {
      call.make();
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    call(() -> image.read(offset, target));
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    call(() -> image.write(offset, source));
  }

  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    call(() -> image.writeZeroes(offset, length, mayUnmap));
  }

  @Override
  void discardAt(long offset, long length) throws ImageFault {
    call(() -> image.discard(offset, length));
  }

  @Override
  void flushAll() throws ImageFault {
    call(image::flush);
  }

  @Override
  ImageStats currentStats() {
    return image.stats();
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    try {
      return image.extent(offset, length);
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    try {
      return image.info();
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  void closeAll() throws ImageFault {
    call(image::close);
  }

  private interface Call {
    void make() throws ImageException;
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** An image that was opened for something else than its contents. */
abstract class UnservedImage extends BaseImage {
  UnservedImage(Path path, long size, boolean readOnly) {
    super(path, size, readOnly);
  }

  /** Why nothing can be read or written. */
  abstract ImageFault refusal();

  @Override
  void readAt(long offset, ByteBuffer target) throws ImageFault {
    throw refusal();
  }

  @Override
  void writeAt(long offset, ByteBuffer source) throws ImageFault {
    throw refusal();
  }

  @Override
  void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault {
    throw refusal();
  }

  @Override
  void discardAt(long offset, long length) throws ImageFault {
    throw refusal();
  }

  @Override
  Extent extentAt(long offset, long length) throws ImageFault {
    throw refusal();
  }
}

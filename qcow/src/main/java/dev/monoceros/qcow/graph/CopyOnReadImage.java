package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;

/**
 * Copies into the image what is read from the images below it, whole clusters of it.
 *
 * <p>One lock keeps a copy from overwriting what another thread writes in the meantime.
 */
final class CopyOnReadImage extends ForwardingImage {
  /** QEMU's bound on one copy. */
  private static final int MAX_COPY = 1 << 20;

  private final Object lock = new Object();

  CopyOnReadImage(DiskImage image) {
    super(image);
  }

  @Override
  public void read(long offset, ByteBuffer target) throws ImageException {
    synchronized (lock) {
      if (target.hasRemaining()) {
        copy(offset, target.remaining());
      }
      super.read(offset, target);
    }
  }

  /** Makes the image hold the clusters of the range. */
  private void copy(long offset, long length) throws ImageException {
    int unit = clusterSize();
    long at = offset - offset % unit;
    long end = Math.min(Math.ceilDiv(offset + length, unit) * unit, size());
    while (at < end) {
      Extent own = image().ownExtent(at, end - at);
      if (!own.allocated() && image().backing().isPresent()) {
        copyUnallocated(at, own.length());
      }
      at += own.length();
    }
  }

  private void copyUnallocated(long from, long length) throws ImageException {
    for (long done = 0; done < length; done += MAX_COPY) {
      int part = (int) Math.min(MAX_COPY, length - done);
      ByteBuffer bytes = ByteBuffer.allocateDirect(part);
      image().read(from + done, bytes);
      bytes.flip();
      if (DetectZeroesImage.isZero(bytes)) {
        image().writeZeroes(from + done, part, false);
      } else {
        image().write(from + done, bytes);
      }
    }
  }

  @Override
  public void write(long offset, ByteBuffer source) throws ImageException {
    synchronized (lock) {
      super.write(offset, source);
    }
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException {
    synchronized (lock) {
      super.writeZeroes(offset, length, mayUnmap);
    }
  }

  @Override
  public void writeCompressed(long offset, ByteBuffer source) throws ImageException {
    synchronized (lock) {
      super.writeCompressed(offset, source);
    }
  }

  @Override
  public void writePrecompressed(long offset, ByteBuffer packed) throws ImageException {
    synchronized (lock) {
      super.writePrecompressed(offset, packed);
    }
  }

  @Override
  public void discard(long offset, long length) throws ImageException {
    synchronized (lock) {
      super.discard(offset, length);
    }
  }
}

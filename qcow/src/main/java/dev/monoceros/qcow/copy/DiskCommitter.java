package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Preallocation;
import dev.monoceros.qcow.io.ErrorKind;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes what images hold into the image below them, as {@code qemu-img commit} does.
 *
 * <p>Whatever the moment of a cut, the disk that the uppermost image shows stays the same: the base
 * changes only where some image above it says what is there, and the upper image is emptied only
 * after the base is on disk.
 */
public final class DiskCommitter {
  private static final int BUFFER = 2 << 20;

  private final List<SectorDisk> layers;
  private final DiskImage base;

  /**
   * @param layers uppermost first, each opened without its backing file ({@link
   *     dev.monoceros.qcow.BackingPolicy#IGNORE}); only the first may be written to
   * @param base below the last layer, opened for writing; grows to the size of the first
   */
  public DiskCommitter(List<DiskImage> layers, DiskImage base) {
    this.layers = layers.stream().map(SectorDisk::of).toList();
    this.base = base;
  }

  /**
   * Copies and flushes the base; the layers are not changed.
   *
   * @throws CopyException disk 0 is the uppermost, the base comes last
   */
  public void run(CopyListener listener) throws CopyException {
    long size = layers.getFirst().length();
    grow(size);
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    long at = 0;
    while (at < size) {
      at += copy(at, size - at, buffer, listener);
      listener.at(at, size);
    }
    try {
      base.flush();
    } catch (ImageException e) {
      throw failure(CopyException.Step.FINISH, layers.size(), size, e);
    }
  }

  /**
   * Frees what the uppermost image holds, so that the disk is read from the base; call after {@link
   * #run}, and only if there is one layer.
   *
   * @return false if its format cannot do that, which is no failure
   */
  public boolean emptyTop() throws CopyException {
    if (layers.size() != 1) {
      throw new IllegalStateException("the image below the uppermost one is not the base");
    }
    try {
      layers.getFirst().image().makeEmpty();
      return true;
    } catch (ImageException e) {
      if (e.kind() == ErrorKind.UNSUPPORTED) {
        return false;
      }
      throw failure(CopyException.Step.FINISH, 0, 0, e);
    }
  }

  private void grow(long size) throws CopyException {
    if (base.size() >= size) {
      return;
    }
    try {
      base.resize(size, Preallocation.OFF, false);
    } catch (ImageException e) {
      throw failure(CopyException.Step.WRITE, layers.size(), base.size(), e);
    }
  }

  /** One stretch of the uppermost layer that says what is there; returns how long it is. */
  private long copy(long at, long most, ByteBuffer buffer, CopyListener listener)
      throws CopyException {
    long length = most;
    for (int i = 0; i < layers.size() && at < layers.get(i).length(); i++) {
      Extent run = status(i, at, Math.min(length, layers.get(i).length() - at));
      length = run.length();
      if (run.allocated()) {
        return run.zero()
            ? zero(at, length, listener)
            : move(i, at, (int) Math.min(length, BUFFER), buffer, listener);
      }
    }
    return endsEarly(at) ? zero(at, length, listener) : length;
  }

  /**
   * True if a layer in the middle ends before {@code at}: there the disk reads as zero, even if the
   * base holds data.
   */
  private boolean endsEarly(long at) {
    return layers.stream().anyMatch(layer -> layer.length() <= at);
  }

  private Extent status(int layer, long at, long length) throws CopyException {
    try {
      return layers.get(layer).run(at, length, false);
    } catch (ImageException e) {
      throw failure(CopyException.Step.STATUS, layer, at, e);
    }
  }

  private long move(int layer, long at, int length, ByteBuffer buffer, CopyListener listener)
      throws CopyException {
    try {
      layers.get(layer).read(at, buffer.clear().limit(length));
    } catch (ImageException e) {
      throw failure(CopyException.Step.READ, layer, at, e);
    }
    listener.beforeWrite(length);
    try {
      SectorDisk.of(base).write(at, buffer.flip());
    } catch (ImageException e) {
      throw failure(CopyException.Step.WRITE, layers.size(), at, e);
    }
    return length;
  }

  private long zero(long at, long length, CopyListener listener) throws CopyException {
    listener.beforeWrite(length);
    try {
      SectorDisk.of(base).writeZeroes(at, length, true);
    } catch (ImageException e) {
      throw failure(CopyException.Step.WRITE, layers.size(), at, e);
    }
    return length;
  }

  private static CopyException failure(
      CopyException.Step step, int disk, long offset, ImageException cause) {
    return new CopyException(step, disk, offset, cause);
  }
}

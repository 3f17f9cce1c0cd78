package dev.monoceros.cli.img;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;

/** The measured loop: nothing is allocated in it. */
final class BenchRun {
  private final DiskImage image;
  private final ByteBuffer buffer;
  private final long size;
  private final int step;

  BenchRun(DiskImage image, int bufferSize, int pattern, int step) {
    this.image = image;
    this.size = image.size();
    this.step = step;
    this.buffer = ByteBuffer.allocateDirect(bufferSize);
    while (buffer.hasRemaining()) {
      buffer.put((byte) pattern);
    }
  }

  /**
   * Reads, each time {@code step} further, around the end of the disk.
   *
   * @throws IndexOutOfBoundsException if a request reaches beyond the end, as QEMU refuses it
   */
  void read(long start, int count) throws ImageException {
    long at = start;
    for (int left = count; left > 0; left--) {
      buffer.clear();
      image.read(at, buffer);
      at = next(at);
    }
  }

  /**
   * The same with writes.
   *
   * @param flushInterval flush whenever a multiple of so many requests is left; 0 never
   * @param writeThrough flush after every request
   */
  void write(long start, int count, int flushInterval, boolean writeThrough) throws ImageException {
    long at = start;
    for (int left = count - 1; left >= 0; left--) {
      buffer.clear();
      image.write(at, buffer);
      at = next(at);
      if (writeThrough || (flushInterval > 0 && left % flushInterval == 0)) {
        image.flush();
      }
    }
  }

  private long next(long at) {
    long next = at + step;
    // A division costs as much as a read of some bytes; most steps need none.
    return next < size ? next : next % Math.max(1, size);
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What every image has in common: the lock, the checks of the caller's arguments, and the
 * translation of faults. Below this class offsets are in range and the lock is held.
 */
abstract class BaseImage implements DiskImage {
  /** Segments are handed on as byte buffers, which end at 2 GiB. */
  private static final long CHUNK = 1L << 30;

  private final Object lock = new Object();
  private final Path path;
  private final long size;
  private final boolean readOnly;
  private boolean closed;

  BaseImage(Path path, long size, boolean readOnly) {
    this.path = path;
    this.size = size;
    this.readOnly = readOnly;
  }

  /** Fills the remaining bytes of {@code target}. */
  abstract void readAt(long offset, ByteBuffer target) throws ImageFault;

  /** Writes the remaining bytes of {@code source}. */
  abstract void writeAt(long offset, ByteBuffer source) throws ImageFault;

  abstract void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault;

  abstract void discardAt(long offset, long length) throws ImageFault;

  abstract void flushAll() throws ImageFault;

  abstract ImageStats currentStats();

  /** Releases the file; the image has been flushed. */
  abstract void closeAll() throws ImageFault;

  @Override
  public final long size() {
    return size;
  }

  @Override
  public final boolean readOnly() {
    return readOnly;
  }

  @Override
  public final void read(long offset, ByteBuffer target) throws ImageException {
    requireRange(offset, target.remaining());
    synchronized (lock) {
      requireOpen();
      try {
        readAt(offset, target);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.READ, e);
      }
    }
  }

  @Override
  public final void read(long offset, MemorySegment target) throws ImageException {
    requireRange(offset, target.byteSize());
    synchronized (lock) {
      requireOpen();
      try {
        readSegment(offset, target);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.READ, e);
      }
    }
  }

  @Override
  public final void read(long offset, List<MemorySegment> targets) throws ImageException {
    requireRange(offset, totalOf(targets));
    synchronized (lock) {
      requireOpen();
      try {
        long at = offset;
        for (MemorySegment target : targets) {
          readSegment(at, target);
          at += target.byteSize();
        }
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.READ, e);
      }
    }
  }

  private void readSegment(long offset, MemorySegment target) throws ImageFault {
    for (long done = 0; done < target.byteSize(); done += CHUNK) {
      readAt(offset + done, chunk(target, done));
    }
  }

  @Override
  public final void write(long offset, ByteBuffer source) throws ImageException {
    requireRange(offset, source.remaining());
    synchronized (lock) {
      requireOpen();
      requireWritable(Operation.WRITE);
      try {
        writeAt(offset, source);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.WRITE, e);
      }
    }
  }

  @Override
  public final void write(long offset, MemorySegment source) throws ImageException {
    requireRange(offset, source.byteSize());
    synchronized (lock) {
      requireOpen();
      requireWritable(Operation.WRITE);
      try {
        writeSegment(offset, source);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.WRITE, e);
      }
    }
  }

  @Override
  public final void write(long offset, List<MemorySegment> sources) throws ImageException {
    requireRange(offset, totalOf(sources));
    synchronized (lock) {
      requireOpen();
      requireWritable(Operation.WRITE);
      try {
        long at = offset;
        for (MemorySegment source : sources) {
          writeSegment(at, source);
          at += source.byteSize();
        }
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.WRITE, e);
      }
    }
  }

  private void writeSegment(long offset, MemorySegment source) throws ImageFault {
    for (long done = 0; done < source.byteSize(); done += CHUNK) {
      writeAt(offset + done, chunk(source, done));
    }
  }

  @Override
  public final void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException {
    change(Operation.WRITE_ZEROES, offset, length, () -> zeroAt(offset, length, mayUnmap));
  }

  @Override
  public final void discard(long offset, long length) throws ImageException {
    change(Operation.DISCARD, offset, length, () -> discardAt(offset, length));
  }

  private void change(Operation operation, long offset, long length, Change change)
      throws ImageException {
    requireRange(offset, length);
    synchronized (lock) {
      requireOpen();
      requireWritable(operation);
      try {
        change.make();
      } catch (ImageFault e) {
        throw ImageException.of(path, operation, e);
      }
    }
  }

  @Override
  public final void flush() throws ImageException {
    synchronized (lock) {
      requireOpen();
      try {
        flushAll();
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.FLUSH, e);
      }
    }
  }

  @Override
  public final ImageStats stats() {
    synchronized (lock) {
      return currentStats();
    }
  }

  @Override
  public final void close() throws ImageException {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      try {
        flushAndRelease();
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.CLOSE, e);
      }
    }
  }

  private void flushAndRelease() throws ImageFault {
    try {
      flushAll();
    } catch (ImageFault e) {
      try {
        closeAll();
      } catch (ImageFault again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    closeAll();
  }

  @Override
  public final String toString() {
    return path + " (" + format() + ", " + size + " bytes)";
  }

  private void requireRange(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(path + ": the image is closed");
    }
  }

  private void requireWritable(Operation operation) throws ImageException {
    if (readOnly) {
      throw new ImageException(
          path,
          operation,
          ErrorKind.READ_ONLY,
          ImageException.NO_OFFSET,
          "is open for reading only");
    }
  }

  private static long totalOf(List<MemorySegment> segments) {
    long total = 0;
    for (MemorySegment segment : segments) {
      total = Math.addExact(total, segment.byteSize());
    }
    return total;
  }

  private static ByteBuffer chunk(MemorySegment segment, long from) {
    if (from == 0 && segment.byteSize() <= CHUNK) {
      return segment.asByteBuffer();
    }
    return segment.asSlice(from, Math.min(CHUNK, segment.byteSize() - from)).asByteBuffer();
  }

  private interface Change {
    void make() throws ImageFault;
  }
}

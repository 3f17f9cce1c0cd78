package dev.monoceros.cli.io;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/**
 * Moves bytes between an open image and one reused direct buffer. A request longer than the buffer
 * goes in pieces, so that memory does not follow what a script asks for.
 */
final class Transfers {
  /** Largest request, QEMU's BDRV_REQUEST_MAX_BYTES: whole sectors below 2^31. */
  static final long MAX_BYTES = Integer.MAX_VALUE & -512;

  private static final int SMALLEST = 64 * 1024;
  private static final int LARGEST = 16 * 1024 * 1024;

  private final LongSupplier clock;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(SMALLEST);

  /**
   * @param clock monotonic, ns
   */
  Transfers(LongSupplier clock) {
    this.clock = clock;
  }

  /** Takes bytes that were read. */
  interface Sink {
    /**
     * @param done how many bytes of the request came before
     */
    void take(long done, ByteBuffer bytes);
  }

  /** Provides bytes to write. */
  interface Source {
    /** Fills the remaining bytes of {@code target}. */
    void fill(ByteBuffer target) throws RequestFailure;
  }

  /** True if all of a request of {@code bytes} is in memory at a time. */
  static boolean atOnce(long bytes) {
    return bytes <= LARGEST;
  }

  /** Reads; returns how many ns the image took. */
  long read(OpenFile file, Area area, long offset, long bytes, Sink sink) throws RequestFailure {
    requireRange(file, area, offset, bytes);
    DiskImage image = file.image();
    long nanos = 0;
    long done = 0;
    do {
      ByteBuffer piece = piece(bytes - done);
      long before = clock.getAsLong();
      try {
        area.read(image, offset + done, piece);
      } catch (ImageException e) {
        throw new RequestFailure(Errno.of(e));
      }
      nanos += clock.getAsLong() - before;
      sink.take(done, piece.flip());
      done += piece.limit();
    } while (done < bytes);
    return nanos;
  }

  /**
   * Writes; returns how many ns the image took.
   *
   * @param flush whether the data has to be safe when this returns
   */
  long write(OpenFile file, Area area, long offset, long bytes, Source source, boolean flush)
      throws RequestFailure {
    requireRange(file, area, offset, bytes);
    DiskImage image = file.image();
    long nanos = 0;
    long done = 0;
    do {
      ByteBuffer piece = piece(bytes - done);
      source.fill(piece);
      piece.flip();
      long before = clock.getAsLong();
      try {
        area.write(image, offset + done, piece);
        if (flush && done + piece.limit() == bytes) {
          image.flush();
        }
      } catch (ImageException e) {
        throw new RequestFailure(Errno.of(e));
      }
      nanos += clock.getAsLong() - before;
      done += piece.limit();
    } while (done < bytes);
    return nanos;
  }

  /** The start of the buffer, with room for {@code bytes} or as much as it may hold. */
  private ByteBuffer piece(long bytes) {
    int length = (int) Math.min(bytes, LARGEST);
    if (length > buffer.capacity()) {
      buffer = ByteBuffer.allocateDirect(Math.clamp(2L * length, SMALLEST, LARGEST));
    }
    return buffer.clear().limit(length);
  }

  /** A request beyond the end of the disk fails as one of the host would. */
  static void requireRange(OpenFile file, Area area, long offset, long bytes)
      throws RequestFailure {
    if (area != Area.VM_STATE && offset > file.image().size() - bytes) {
      throw new RequestFailure(Errno.IO);
    }
  }

  /** An operation of the image without data; returns how many ns it took. */
  long run(Operation operation) throws RequestFailure {
    long before = clock.getAsLong();
    try {
      operation.run();
    } catch (ImageException e) {
      throw new RequestFailure(Errno.of(e));
    }
    return clock.getAsLong() - before;
  }

  /** Something done with an image. */
  interface Operation {
    void run() throws ImageException;
  }
}

package dev.monoceros.qcow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * The disk as a channel of the JDK, for libraries that read one. It has a position of its own and
 * the size of the disk, which it cannot change. Safe for several threads, as the image is.
 */
final class DiskChannel implements SeekableByteChannel {
  private static final int END_OF_DISK = -1;

  private final DiskImage image;
  private long position;
  private boolean closed;

  DiskChannel(DiskImage image) {
    this.image = image;
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public synchronized int read(ByteBuffer target) throws IOException {
    requireOpen();
    if (!target.hasRemaining()) {
      return 0;
    }
    long left = image.size() - position;
    if (left <= 0) {
      return END_OF_DISK;
    }
    int length = (int) Math.min(left, target.remaining());
    int limit = target.limit();
    target.limit(target.position() + length);
    try {
      image.read(position, target);
    } finally {
      target.limit(limit);
    }
    position += length;
    return length;
  }

  /** Writes all of {@code source}, or nothing if the disk ends before it does. */
  @Override
  public synchronized int write(ByteBuffer source) throws IOException {
    requireOpen();
    requireWritable();
    int length = source.remaining();
    if (length == 0) {
      return 0;
    }
    if (position > image.size() - length) {
      throw new IOException(
          length + " bytes at " + position + " do not fit into a disk of " + image.size());
    }
    image.write(position, source);
    position += length;
    return length;
  }

  private void requireWritable() {
    if (image.readOnly()) {
      throw new NonWritableChannelException();
    }
  }

  @Override
  public synchronized long position() throws IOException {
    requireOpen();
    return position;
  }

  @Override
  public synchronized SeekableByteChannel position(long newPosition) throws IOException {
    requireOpen();
    if (newPosition < 0) {
      throw new IllegalArgumentException("position " + newPosition);
    }
    position = newPosition;
    return this;
  }

  @Override
  public synchronized long size() throws IOException {
    requireOpen();
    return image.size();
  }

  /**
   * Refused if it would make the disk smaller: that is what {@link DiskImage#resize} is for.
   *
   * @throws UnsupportedOperationException if {@code size} is less than that of the disk
   */
  @Override
  public synchronized SeekableByteChannel truncate(long size) throws IOException {
    requireOpen();
    requireWritable();
    if (size < 0) {
      throw new IllegalArgumentException("size " + size);
    }
    if (size < image.size()) {
      throw new UnsupportedOperationException("a disk is made smaller by DiskImage.resize");
    }
    position = Math.min(position, size);
    return this;
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed;
  }

  /** The image stays open. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}

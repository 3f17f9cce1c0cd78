package dev.monoceros.images.disk;

import dev.monoceros.qcow.DiskImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/** Positional read access to a disk or to a part of one, whatever format it is stored in. */
public interface DiskSource {
  /** Size in bytes. */
  long size();

  /** Fills the buffer from an offset; {@link EOFException} when it reaches past the end. */
  void read(long offset, ByteBuffer into) throws IOException;

  /** A raw image whose size does not change while it is in use. */
  static DiskSource raw(FileChannel channel) throws IOException {
    long size = channel.size();
    return new DiskSource() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public void read(long offset, ByteBuffer into) throws IOException {
        long position = offset;
        while (into.hasRemaining()) {
          int count = channel.read(into, position);
          if (count < 0) {
            throw new EOFException("the disk ends before byte " + (position + into.remaining()));
          }
          position += count;
        }
      }
    };
  }

  /** A disk image of any format; the caller keeps it open. */
  static DiskSource image(DiskImage image) {
    return new DiskSource() {
      @Override
      public long size() {
        return image.size();
      }

      @Override
      public void read(long offset, ByteBuffer into) throws IOException {
        if (offset < 0 || offset > image.size() - into.remaining()) {
          throw new EOFException("the disk ends before byte " + offset + " + " + into.remaining());
        }
        image.read(offset, into);
      }
    };
  }

  /** A part of this disk, such as a partition; its end is cut to the disk's. */
  default DiskSource slice(long start, long length) {
    Objects.checkFromIndexSize(start, 0, size());
    long available = Math.min(length, size() - start);
    DiskSource whole = this;
    return new DiskSource() {
      @Override
      public long size() {
        return available;
      }

      @Override
      public void read(long offset, ByteBuffer into) throws IOException {
        if (offset < 0 || offset > available || into.remaining() > available - offset) {
          throw new EOFException(
              "the partition ends before byte " + offset + " + " + into.remaining());
        }
        whole.read(start + offset, into);
      }
    };
  }
}

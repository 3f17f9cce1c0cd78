package dev.monoceros.images.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where a disk is written: a new image, all zeroes until written to. */
public interface DiskTarget extends AutoCloseable {
  /** Writes all remaining bytes of the buffer at an offset from the disk's start. */
  void write(long offset, ByteBuffer bytes) throws IOException;

  /** Finishes the image; everything written is in the file afterwards. */
  @Override
  void close() throws IOException;

  /** Makes a target for a disk of a size. */
  @FunctionalInterface
  interface Factory {
    /** A new image in a file that is replaced if it exists. */
    DiskTarget create(Path file, long sizeBytes) throws IOException;
  }

  /** A raw image, sparse where nothing is written. */
  static DiskTarget raw(Path file, long sizeBytes) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    try {
      if (sizeBytes > 0) {
        channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new RawDiskTarget(channel);
  }

  /** A raw file. */
  record RawDiskTarget(FileChannel channel) implements DiskTarget {
    @Override
    public void write(long offset, ByteBuffer bytes) throws IOException {
      long position = offset;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}

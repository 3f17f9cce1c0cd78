package dev.monoceros.images.disk;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

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
    /** A new image in a file that is replaced if it exists, unless somebody has it open. */
    DiskTarget create(Path file, long sizeBytes) throws IOException;
  }

  /** A raw image, sparse where nothing is written. */
  static DiskTarget raw(Path file, long sizeBytes) throws IOException {
    return image(file, CreateOptions.raw(sizeBytes));
  }

  /**
   * A QCOW2 image of version 3 with 64 KiB clusters, as qemu-img makes them; unwritten clusters
   * stay unallocated.
   */
  static DiskTarget qcow2(Path file, long sizeBytes) throws IOException {
    return image(file, CreateOptions.qcow2(sizeBytes));
  }

  private static DiskTarget image(Path file, CreateOptions options) throws IOException {
    DiskImage image = DiskImage.create(file, options.withOverwrite(true));
    return new DiskTarget() {
      @Override
      public void write(long offset, ByteBuffer bytes) throws IOException {
        image.write(offset, bytes);
      }

      @Override
      public void close() throws IOException {
        image.close();
      }
    };
  }
}

package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A part of a file as a file: the options {@code offset} and {@code size} of {@code raw}. */
final class RawWindow implements ImageFile {
  private final ImageFile file;
  private final long offset;
  private final OptionalLong length;

  /**
   * @param offset of the first byte, not beyond the end of the file
   * @param length in bytes, which the file has; empty for a window that ends where the file does
   */
  RawWindow(ImageFile file, long offset, OptionalLong length) {
    this.file = file;
    this.offset = offset;
    this.length = length;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public void event(BlockEvent event) {
    file.event(event);
  }

  @Override
  public long size() throws IOException {
    return length.isPresent() ? length.getAsLong() : Math.max(0, file.size() - offset);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    if (length.isEmpty()) {
      return file.read(target, Math.addExact(offset, position));
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    long left = length.getAsLong() - position;
    if (left <= 0) {
      return -1;
    }
    int limit = target.limit();
    int wanted = (int) Math.min(target.remaining(), left);
    target.limit(target.position() + wanted);
    try {
      int got = file.read(target, offset + position);
      if (got >= 0) {
        return got;
      }
      // The last sector of the file may be short; the window has all of it.
      while (target.hasRemaining()) {
        target.put((byte) 0);
      }
      return wanted;
    } finally {
      target.limit(limit);
    }
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    if (length.isPresent() && position > length.getAsLong() - source.remaining()) {
      throw new ImageFault(ErrorKind.NO_SPACE, position, "No space left on device");
    }
    file.write(source, Math.addExact(offset, position));
  }

  @Override
  public void truncate(long size) throws IOException {
    if (length.isPresent()) {
      throw new ImageFault(
          ErrorKind.UNSUPPORTED, ImageFault.NO_OFFSET, "Cannot resize fixed-size raw disks");
    }
    file.truncate(Math.addExact(offset, size));
  }

  @Override
  public void force() throws IOException {
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

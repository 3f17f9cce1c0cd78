package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** A part of a file as a file: the options {@code offset} and {@code size} of {@code raw}. */
final class RawWindow extends ForwardingFile {
  private final long offset;
  private final OptionalLong length;

  /**
   * @param offset of the first byte, not beyond the end of the file
   * @param length in bytes, which the file has; empty for a window that ends where the file does
   */
  RawWindow(ImageFile file, long offset, OptionalLong length) {
    super(file);
    this.offset = offset;
    this.length = length;
  }

  @Override
  public long size() throws IOException {
    return length.isPresent() ? length.getAsLong() : Math.max(0, file().size() - offset);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    if (length.isEmpty()) {
      return file().read(target, Math.addExact(offset, position));
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
      int got = file().read(target, offset + position);
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
    requireRoom(position, source.remaining());
    file().write(source, Math.addExact(offset, position));
  }

  private void requireRoom(long position, long bytes) throws ImageFault {
    if (length.isPresent() && position > length.getAsLong() - bytes) {
      throw new ImageFault(ErrorKind.NO_SPACE, position, "No space left on device");
    }
  }

  @Override
  public void extend(long size) throws IOException {
    requireRoom(size, 0);
    file().extend(Math.addExact(offset, size));
  }

  @Override
  public boolean punchHole(long position, long bytes) throws IOException {
    return file().punchHole(Math.addExact(offset, position), bytes);
  }

  @Override
  public boolean zeroRange(long position, long bytes) throws IOException {
    return file().zeroRange(Math.addExact(offset, position), bytes);
  }

  @Override
  public boolean allocate(long position, long bytes) throws IOException {
    requireRoom(position, bytes);
    return file().allocate(Math.addExact(offset, position), bytes);
  }

  @Override
  public long nextData(long position) throws IOException {
    return within(file().nextData(Math.addExact(offset, position)));
  }

  @Override
  public long nextHole(long position) throws IOException {
    return within(file().nextHole(Math.addExact(offset, position)));
  }

  private long within(long position) throws IOException {
    return Math.min(position - offset, size());
  }

  @Override
  public void requireResizable() throws IOException {
    if (length.isPresent()) {
      throw ImageFault.unsupported(ImageFault.NO_OFFSET, "Cannot resize fixed-size raw disks");
    }
    super.requireResizable();
  }

  @Override
  public void truncate(long size) throws IOException {
    requireResizable();
    file().truncate(Math.addExact(offset, size));
  }
}

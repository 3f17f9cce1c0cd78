package dev.monoceros.qcow.oracle;

import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An image file in memory, with a hook that sees every access first and may fail it. */
public class MemoryFile implements ImageFile {
  /** Longest file; a host has such a limit, too, and says so in these words. */
  private static final int LIMIT = 1 << 28;

  private byte[] content;
  private int size;
  private boolean closed;

  public MemoryFile(byte[] initial) {
    content = initial.clone();
    size = initial.length;
  }

  /** A copy of a real file. */
  public static byte[] load(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the file holds now. */
  public final byte[] bytes() {
    return Arrays.copyOf(content, size);
  }

  public final boolean isClosed() {
    return closed;
  }

  /**
   * Called before an access, which fails with what this throws.
   *
   * @param access one of read, write, truncate, force
   */
  protected void before(String access, long position, int length) throws IOException {}

  @Override
  public final Path path() {
    return Path.of("memory.qcow2");
  }

  @Override
  public final long size() {
    return size;
  }

  @Override
  public final int read(ByteBuffer target, long position) throws IOException {
    before("read", position, target.remaining());
    if (position >= size) {
      return -1;
    }
    int length = (int) Math.min(target.remaining(), size - position);
    target.put(content, (int) position, length);
    return length;
  }

  @Override
  public final void write(ByteBuffer source, long position) throws IOException {
    byte[] data = new byte[source.remaining()];
    source.duplicate().get(data);
    try {
      before("write", position, data.length);
      if (position > LIMIT - data.length) {
        throw new IOException("File too large");
      }
    } catch (IOException e) {
      failedWrite(position, data);
      throw e;
    }
    apply(position, data);
    written(position, data);
    source.position(source.limit());
  }

  /** A hole is the same to a reader as zeros, and to a recorder, too. */
  @Override
  public final boolean punchHole(long position, long length) throws IOException {
    long within = Math.min(length, size - position);
    if (within > 0) {
      write(ByteBuffer.allocate(Math.toIntExact(within)), position);
    }
    return true;
  }

  /** Changes the contents without asking or telling anybody. */
  protected final void apply(long position, byte[] data) {
    int end = Math.toIntExact(position + data.length);
    if (end > content.length) {
      content = Arrays.copyOf(content, Math.max(end, content.length * 2));
    }
    System.arraycopy(data, 0, content, (int) position, data.length);
    size = Math.max(size, end);
  }

  /** Called instead of the write when {@link #before} failed it. */
  protected void failedWrite(long position, byte[] data) {}

  /** Called after a write. */
  protected void written(long position, byte[] data) {}

  @Override
  public final void truncate(long length) throws IOException {
    before("truncate", length, 0);
    cut(length);
  }

  protected final void cut(long length) {
    if (length < size) {
      Arrays.fill(content, (int) length, size, (byte) 0);
      size = (int) length;
    }
  }

  @Override
  public final void force() throws IOException {
    before("force", 0, 0);
    forced();
  }

  /** Called after a flush of the file. */
  protected void forced() {}

  @Override
  public final void close() {
    closed = true;
  }
}

package dev.monoceros.machine.boot;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A boot source in a file. It is read, not mapped, so that a file which shrinks meanwhile is an
 * error and not a crash.
 */
public final class BootFile implements BootSource, AutoCloseable {
  /** A ByteBuffer holds less than 2 GiB. */
  private static final long CHUNK = 1L << 30;

  private final String name;
  private final FileChannel channel;
  private final long size;

  private BootFile(String name, FileChannel channel, long size) {
    this.name = name;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens {@code path}.
   *
   * @param what what it is to be: "kernel", "initrd"
   * @throws BootException if there is no such file or it may not be read
   */
  public static BootFile open(String what, Path path) throws BootException {
    String name = what + " " + path;
    try {
      if (Files.isDirectory(path)) {
        throw new BootException(name + " is a directory");
      }
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new BootFile(name, channel, channel.size());
    } catch (NoSuchFileException e) {
      throw new BootException(name + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new BootException(name + " may not be read by this user", e);
    } catch (IOException e) {
      throw new BootException(name + " cannot be opened: " + e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      ByteBuffer buffer =
          target.asSlice(done, Math.min(CHUNK, target.byteSize() - done)).asByteBuffer();
      int read = channel.read(buffer, position + done);
      if (read < 0) {
        throw new EOFException("it ends after %d bytes".formatted(position + done));
      }
      done += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

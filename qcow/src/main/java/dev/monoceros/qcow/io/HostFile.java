package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;

/**
 * A file of the host, locked for as long as it is open: for itself by a writer, shared by readers.
 *
 * <p>Interrupting a thread closes a {@link FileChannel} it is using. A disk must survive that, so
 * every access sets the interrupt aside and puts it back afterwards, and opens the channel again if
 * the interrupt came in the middle.
 */
public final class HostFile implements ImageFile {
  private static final int MODE_TYPE_MASK = 0xF000;
  private static final int MODE_BLOCK_DEVICE = 0x6000;

  private final Path path;
  private final FileLease lease;
  private boolean closed;
  private IOException flushFailure;

  private HostFile(Path path, FileLease lease) {
    this.path = path;
    this.lease = lease;
  }

  /**
   * Opens and locks an existing file.
   *
   * @throws ImageFault NOT_FOUND, ACCESS_DENIED, LOCKED or IO
   */
  public static HostFile open(Path path, boolean writable) throws ImageFault {
    EnumSet<StandardOpenOption> options = EnumSet.of(StandardOpenOption.READ);
    if (writable) {
      options.add(StandardOpenOption.WRITE);
    }
    try {
      requireBytes(path);
      return new HostFile(path, FileLease.open(path, writable, options));
    } catch (NoSuchFileException e) {
      throw new ImageFault(ErrorKind.NOT_FOUND, ImageFault.NO_OFFSET, "no such file");
    } catch (AccessDeniedException e) {
      String way = writable ? "for writing" : "for reading";
      throw new ImageFault(
          ErrorKind.ACCESS_DENIED, ImageFault.NO_OFFSET, "permission denied, cannot open " + way);
    } catch (IOException e) {
      throw ImageFault.host("open the file", ImageFault.NO_OFFSET, e);
    }
  }

  /**
   * Creates and locks a file; with {@code overwrite} an existing one is taken and emptied, unless
   * somebody holds it.
   *
   * @throws ImageFault EXISTS, ACCESS_DENIED, LOCKED, NO_SPACE or IO
   */
  public static HostFile create(Path path, boolean overwrite) throws ImageFault {
    try {
      Files.createFile(path);
    } catch (FileAlreadyExistsException e) {
      if (!overwrite) {
        throw new ImageFault(ErrorKind.EXISTS, ImageFault.NO_OFFSET, "the file exists already");
      }
    } catch (NoSuchFileException e) {
      throw new ImageFault(ErrorKind.NOT_FOUND, ImageFault.NO_OFFSET, "no such directory");
    } catch (AccessDeniedException e) {
      throw new ImageFault(
          ErrorKind.ACCESS_DENIED, ImageFault.NO_OFFSET, "permission denied, cannot create");
    } catch (IOException e) {
      throw ImageFault.host("create the file", ImageFault.NO_OFFSET, e);
    }
    HostFile file = open(path, true);
    try {
      file.truncate(0);
      return file;
    } catch (IOException e) {
      file.closeAfter(e);
      throw ImageFault.host("empty the file", ImageFault.NO_OFFSET, e);
    }
  }

  /** Opening a FIFO would wait for a peer, and a directory or socket holds no bytes. */
  private static void requireBytes(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    if (attributes.isRegularFile()) {
      return;
    }
    if (attributes.isOther()
        && path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      int mode = (Integer) Files.getAttribute(path, "unix:mode");
      if ((mode & MODE_TYPE_MASK) == MODE_BLOCK_DEVICE) {
        return;
      }
    }
    throw new ImageFault(
        ErrorKind.WRONG_FORMAT, ImageFault.NO_OFFSET, "is neither a file nor a block device");
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    boolean interrupted = Thread.interrupted();
    int start = target.position();
    try {
      while (true) {
        FileChannel channel = channel();
        try {
          return channel.read(target, position);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          target.position(start);
          lease.reopen(channel);
        }
      }
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    boolean interrupted = Thread.interrupted();
    int start = source.position();
    try {
      while (source.hasRemaining()) {
        FileChannel channel = channel();
        try {
          channel.write(source, position + (source.position() - start));
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          source.position(start);
          lease.reopen(channel);
        }
      }
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  @Override
  public long size() throws IOException {
    return uninterrupted(FileChannel::size);
  }

  @Override
  public void truncate(long size) throws IOException {
    uninterrupted(channel -> channel.truncate(size).isOpen());
  }

  /**
   * After the kernel has failed one flush it may have dropped the pages it could not write, and the
   * next flush would report success for them. So a failed flush stays failed until reopening.
   */
  @Override
  public void force() throws IOException {
    if (flushFailure != null) {
      throw new IOException(
          "an earlier flush failed and what it covered may be lost", flushFailure);
    }
    try {
      uninterrupted(
          channel -> {
            channel.force(false);
            return true;
          });
    } catch (IOException e) {
      flushFailure = e;
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      lease.release();
    }
  }

  private void closeAfter(IOException failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private FileChannel channel() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    return lease.channel();
  }

  private <T> T uninterrupted(ChannelCall<T> call) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel channel = channel();
        try {
          return call.on(channel);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          lease.reopen(channel);
        }
      }
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  private static void restoreInterrupt(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private interface ChannelCall<T> {
    T on(FileChannel channel) throws IOException;
  }
}

package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A native descriptor, which carries the locks, and a channel, which carries the data, on the same
 * file. Locks of an open file survive whatever else this process opens and closes, and other images
 * of this process meet them as another process would.
 */
final class NativeLease implements HeldFile {
  private final NativeFile file;
  private final Set<? extends OpenOption> options;
  private volatile FileChannel channel;

  private NativeLease(NativeFile file, Set<? extends OpenOption> options, FileChannel channel) {
    this.file = file;
    this.options = options;
    this.channel = channel;
  }

  /** Opens an existing file and, if asked, locks it. */
  static NativeLease open(
      HostCalls host,
      Path path,
      boolean writable,
      boolean locked,
      Set<? extends OpenOption> options)
      throws IOException {
    NativeFile file = NativeFile.open(host, path, writable);
    try {
      if (locked) {
        QemuLocks.take(file, writable, path);
      }
      return new NativeLease(file, options, FileChannel.open(file.path(), options));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public FileChannel channel() throws ClosedChannelException {
    FileChannel current = channel;
    if (current == null) {
      throw new ClosedChannelException();
    }
    return current;
  }

  @Override
  public synchronized void reopen(FileChannel dead) throws IOException {
    if (channel() == dead) {
      channel = FileChannel.open(file.path(), options);
    }
  }

  @Override
  public Optional<NativeFile> nativeFile() {
    return Optional.of(file);
  }

  @Override
  public synchronized void release() throws IOException {
    try (file) {
      channel().close();
    } finally {
      channel = null;
    }
  }
}

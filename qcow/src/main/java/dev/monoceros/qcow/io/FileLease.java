package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Without native calls: one locked channel per file in this process, handed out as leases, one to a
 * writer or several to readers.
 *
 * <p>Why a table for the whole JVM: a POSIX record lock belongs to the process and is dropped when
 * the process closes <em>any</em> descriptor of the file. A second open that is refused, or a
 * second reader that closes, would silently unlock the first. So a file that is already leased is
 * never opened again here; readers share the one channel, and the last of them closes it. The
 * kernel's lock table is per process, and so is this mirror of it.
 */
final class FileLease implements HeldFile {
  private static final Map<Object, FileLease> LEASED = new HashMap<>();

  private final Path path;

  /** Null for a file that was opened without a lock. */
  private final Object key;

  private final boolean writable;
  private final Set<? extends OpenOption> options;
  private volatile FileChannel channel;
  private int holders = 1;

  private FileLease(
      Path path, Object key, boolean writable, Set<? extends OpenOption> options, FileChannel c) {
    this.path = path;
    this.key = key;
    this.writable = writable;
    this.options = options;
    this.channel = c;
  }

  /**
   * Opens and locks an existing file, or joins the readers that have it open.
   *
   * @param locked false to open it for this image alone and without a lock. Its closing drops the
   *     locks that other images of this process have on the file; only native calls avoid that.
   */
  static FileLease open(
      Path path, boolean writable, boolean locked, Set<? extends OpenOption> options)
      throws IOException {
    if (!locked) {
      return new FileLease(path, null, writable, options, FileChannel.open(path, options));
    }
    synchronized (LEASED) {
      Object key = keyOf(path);
      FileLease held = LEASED.get(key);
      if (held != null) {
        if (writable || held.writable) {
          throw QemuLocks.refused(writable, path);
        }
        held.holders++;
        return held;
      }
      FileLease lease =
          new FileLease(path, key, writable, options, lockedChannel(path, writable, options));
      LEASED.put(key, lease);
      return lease;
    }
  }

  /** Device and inode where the host has them, so that links lead to the same lease. */
  private static Object keyOf(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key != null ? key : path.toRealPath();
  }

  private static FileChannel lockedChannel(
      Path path, boolean writable, Set<? extends OpenOption> options) throws IOException {
    FileChannel channel = FileChannel.open(path, options);
    try {
      if (!HostLocks.tryLock(channel, writable)) {
        throw QemuLocks.refused(writable, path);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
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
  public Optional<NativeFile> nativeFile() {
    return Optional.empty();
  }

  @Override
  public void reopen(FileChannel dead) throws IOException {
    synchronized (LEASED) {
      if (channel == null) {
        throw new ClosedChannelException();
      }
      if (channel != dead) {
        return;
      }
      if (key == null) {
        channel = FileChannel.open(path, options);
        return;
      }
      if (!keyOf(path).equals(key)) {
        throw new IOException("the file was replaced while the image was open");
      }
      channel = lockedChannel(path, writable, options);
    }
  }

  /** Gives one lease back; the last one closes the channel and with it the lock. */
  @Override
  public void release() throws IOException {
    synchronized (LEASED) {
      if (--holders > 0) {
        return;
      }
      if (key != null) {
        LEASED.remove(key);
      }
      FileChannel last = channel;
      channel = null;
      if (last != null) {
        last.close();
      }
    }
  }
}

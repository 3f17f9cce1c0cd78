package dev.monoceros.images.store;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Exclusive right to change a cache, among threads and processes. The file itself stays: removing a
 * lock file that somebody waits for would give two owners.
 */
public final class CacheLock implements AutoCloseable {
  private static final long RETRY_MILLIS = 50;

  private final FileChannel channel;

  private CacheLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Waits until the lock is free and takes it. */
  public static CacheLock acquire(Layout layout, Progress progress) {
    Path file = layout.lock();
    FileChannel channel = null;
    try {
      Files.createDirectories(layout.root());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean told = false;
      while (tryLock(channel) == null) {
        if (!told) {
          progress.update(Progress.Phase.WAITING, layout.root().toString(), 0, -1);
          told = true;
        }
        Thread.sleep(RETRY_MILLIS);
      }
      return new CacheLock(channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw ImagesException.io("lock the package cache", file, e);
    } catch (InterruptedException e) {
      closeQuietly(channel);
      Thread.currentThread().interrupt();
      throw new ImagesException(
          ImagesException.Kind.IO, "Waiting for the package cache was interrupted.", e);
    }
  }

  /**
   * A lock held by another thread of this JVM shows as an exception, one of another process as
   * null: the same to us.
   */
  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The failure that is already being reported matters more.
        return;
      }
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}

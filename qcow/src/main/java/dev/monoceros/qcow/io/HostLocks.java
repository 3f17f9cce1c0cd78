package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * Which bytes of the file are locked, chosen to meet QEMU's own lock bytes (block/file-posix.c: a
 * shared lock on byte 100 + n for each permission n in use, on 200 + n for each not shared).
 *
 * <p>A writer locks every byte for itself, so it meets any lock of QEMU or of ours. A reader takes
 * the locks QEMU's reader takes: reading is in use, writing and resizing are not shared. QEMU's
 * writer sees those and refuses; QEMU's reader does not mind them. Not covered: a reader of ours
 * cannot see a QEMU writer, which holds shared locks only; asking for that needs a native call, and
 * {@link QemuLocks} makes it where it can.
 */
final class HostLocks {
  private static final long IN_USE = 100;
  private static final long NOT_SHARED = 200;
  private static final long CONSISTENT_READ = 0;
  private static final long WRITE = 1;
  private static final long RESIZE = 3;

  private HostLocks() {}

  /** Takes the locks for the channel's life; false if someone else holds a conflicting one. */
  static boolean tryLock(FileChannel channel, boolean writable) throws IOException {
    if (writable) {
      return channel.tryLock(0, Long.MAX_VALUE, false) != null;
    }
    return readLock(channel, IN_USE + CONSISTENT_READ)
        && readLock(channel, NOT_SHARED + WRITE)
        && readLock(channel, NOT_SHARED + RESIZE);
  }

  private static boolean readLock(FileChannel channel, long position) throws IOException {
    return channel.tryLock(position, 1, true) != null;
  }
}

package dev.monoceros.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A stream of the host for a machine that must be able to stop waiting for it: a thread of its own
 * reads one chunk ahead, from the first time that one is waited for. All methods but {@link
 * #release} belong to the machine's thread.
 */
public final class ChunkReader {
  private static final int CHUNK = 4096;

  private final InputStream in;
  private final String threadName;
  private byte[] chunk = new byte[0];
  private int position;
  private byte[] arrived;
  private boolean reading;
  private boolean ended;
  private boolean released;

  /** A stream; nothing is read yet. */
  public ChunkReader(InputStream in, String threadName) {
    this.in = in;
    this.threadName = threadName;
  }

  /**
   * Waits for the host.
   *
   * @param millis for so long; 0 looks only
   * @return whether {@link #next} has an answer that waiting longer will not change: a byte, the
   *     end, or a release
   */
  public synchronized boolean await(long millis) {
    if (position < chunk.length) {
      return true;
    }
    if (!reading) {
      reading = true;
      Thread.ofPlatform().daemon().name(threadName).start(this::readAll);
    }
    long until = System.nanoTime() + millis * 1_000_000;
    try {
      while (arrived == null && !ended && !released) {
        long left = (until - System.nanoTime() + 999_999) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      released = true;
    }
    return true;
  }

  /** The next byte, 0 to 255, or -1 if there is none now. */
  public int next() {
    if (position == chunk.length && !refill()) {
      return -1;
    }
    return chunk[position++] & 0xff;
  }

  private synchronized boolean refill() {
    if (arrived == null) {
      return false;
    }
    chunk = arrived;
    position = 0;
    arrived = null;
    notifyAll();
    return true;
  }

  /** Whether the stream has ended, all of it has been taken, and nobody has released the reader. */
  public synchronized boolean atEnd() {
    return position == chunk.length && arrived == null && ended && !released;
  }

  /** Lets a machine that waits go on, because it is to stop; from any thread. */
  public synchronized void release() {
    released = true;
    notifyAll();
  }

  private void readAll() {
    try {
      byte[] buffer = new byte[CHUNK];
      for (int length; (length = in.read(buffer)) >= 0; ) {
        if (length > 0 && !hand(Arrays.copyOf(buffer, length))) {
          return;
        }
      }
    } catch (IOException e) {
      // A stream that can no longer be read has ended, as far as the guest can tell.
    } finally {
      end();
    }
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** False when nobody wants more. */
  private synchronized boolean hand(byte[] bytes) {
    try {
      while (arrived != null && !released) {
        wait();
      }
    } catch (InterruptedException e) {
      return false;
    }
    if (arrived != null) {
      return false;
    }
    arrived = bytes;
    notifyAll();
    return !released;
  }
}

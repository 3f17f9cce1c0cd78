package dev.monoceros.cli.console;

import dev.monoceros.cli.report.Digests;
import dev.monoceros.cli.report.ScriptUse;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Standard input that is no terminal: a script. The guest's UART asks for a byte at virtual times
 * that follow from the run alone, so the answer must not depend on how fast the host delivers:
 * {@link #next} waits until a byte or the end of the stream is there.
 */
public final class ScriptInput implements ConsoleInput {
  private static final int CHUNK = 4096;
  private static final long HINT_AFTER_MILLIS = 2000;

  private final InputStream in;
  private final Runnable waitingLong;
  private final MessageDigest digest = Digests.sha256();
  private byte[] chunk = new byte[0];
  private int position;
  private byte[] arrived;
  private boolean reading;
  private boolean ended;
  private boolean released;
  private boolean hinted;
  private long taken;

  /**
   * A script.
   *
   * @param waitingLong told once when the guest has waited for some seconds
   */
  public ScriptInput(InputStream in, Runnable waitingLong) {
    this.in = in;
    this.waitingLong = waitingLong;
  }

  @Override
  public int next() {
    if (position == chunk.length && !refill()) {
      return released ? NONE_NOW : END;
    }
    byte b = chunk[position++];
    digest.update(b);
    taken++;
    return b & 0xff;
  }

  /** What the guest has taken, when it takes no more. */
  public ScriptUse use() {
    return new ScriptUse(taken, HexFormat.of().formatHex(digest.digest()));
  }

  /** False at the end of the stream, or when released. */
  private synchronized boolean refill() {
    if (!reading) {
      reading = true;
      Thread.ofPlatform().daemon().name("console-script").start(this::readAll);
    }
    awaitChunk();
    if (arrived == null) {
      return false;
    }
    chunk = arrived;
    position = 0;
    arrived = null;
    notifyAll();
    return true;
  }

  private void awaitChunk() {
    long hintAt = System.nanoTime() + HINT_AFTER_MILLIS * 1_000_000;
    try {
      while (arrived == null && !ended && !released) {
        wait(HINT_AFTER_MILLIS);
        if (!hinted && arrived == null && !ended && System.nanoTime() - hintAt >= 0) {
          hinted = true;
          waitingLong.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      released = true;
    }
  }

  private void readAll() {
    try {
      while (true) {
        byte[] buffer = new byte[CHUNK];
        int length = in.read(buffer);
        if (length < 0 || !hand(java.util.Arrays.copyOf(buffer, length))) {
          break;
        }
      }
    } catch (IOException e) {
      // A stream that can no longer be read has ended, as far as the guest can tell.
    }
    end();
  }

  private synchronized boolean hand(byte[] bytes) {
    try {
      while (arrived != null && !released) {
        wait();
      }
    } catch (InterruptedException e) {
      return false;
    }
    if (bytes.length > 0) {
      arrived = bytes;
      notifyAll();
    }
    return !released;
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized void release() {
    released = true;
    notifyAll();
  }
}

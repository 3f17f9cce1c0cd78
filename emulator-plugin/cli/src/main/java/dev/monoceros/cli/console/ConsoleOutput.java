package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSink;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;

/**
 * Writes what the guest sends. Bytes go out at the end of a line, when the buffer is full, and
 * otherwise after some milliseconds, so that a prompt shows up.
 */
public final class ConsoleOutput implements ConsoleSink, AutoCloseable {
  private static final int CAPACITY = 8192;
  private static final long LINGER_MILLIS = 15;

  private final OutputStream out;
  private final Consumer<IOException> failed;
  private final byte[] buffer = new byte[CAPACITY];
  private int used;
  private int last = '\n';
  private boolean broken;
  private boolean closed;

  /**
   * An output on a stream.
   *
   * @param failed told once when the stream fails; all further bytes are dropped
   */
  public ConsoleOutput(OutputStream out, Consumer<IOException> failed) {
    this.out = out;
    this.failed = failed;
    Thread.ofPlatform().daemon().name("console-flush").start(this::flushLingering);
  }

  @Override
  public synchronized void write(int b) {
    if (used == 0) {
      notifyAll();
    }
    buffer[used++] = (byte) b;
    last = b;
    if (b == '\n' || used == CAPACITY) {
      flush();
    }
  }

  private synchronized void flush() {
    int length = used;
    used = 0;
    if (broken || length == 0) {
      return;
    }
    try {
      out.write(buffer, 0, length);
      out.flush();
    } catch (IOException e) {
      broken = true;
      failed.accept(e);
    }
  }

  private void flushLingering() {
    try {
      while (awaitBytes()) {
        Thread.sleep(LINGER_MILLIS);
        flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitBytes() throws InterruptedException {
    while (used == 0 && !closed) {
      wait();
    }
    return !closed;
  }

  /** Whether the guest's last byte left the cursor inside a line. */
  public synchronized boolean insideLine() {
    return last != '\n';
  }

  /** Writes what is left. The stream stays open. */
  @Override
  public synchronized void close() {
    flush();
    closed = true;
    notifyAll();
  }
}

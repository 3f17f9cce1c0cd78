package dev.monoceros.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/** Somebody's keyboard. Never waits; what is typed is there the next time the UART asks. */
public final class TerminalInput implements ConsoleInput {
  /** A paste larger than this is held back by the terminal, not here. */
  private static final int LONGEST_QUEUE = 65536;

  private final InputStream in;
  private final EscapeKeys keys;
  private final PacedIdle idle;
  private final Deque<Integer> typed = new ArrayDeque<>();
  private boolean ended;
  private boolean released;

  /**
   * A keyboard on a terminal in raw mode.
   *
   * @param idle woken by every key
   * @param actions what the keys after Ctrl-A do
   */
  public TerminalInput(InputStream in, PacedIdle idle, KeyActions actions) {
    this.in = in;
    this.idle = idle;
    this.keys = new EscapeKeys(this::enqueue, actions);
    Thread.ofPlatform().daemon().name("console-keys").start(() -> readAll(actions));
  }

  private void readAll(KeyActions actions) {
    byte[] buffer = new byte[256];
    try {
      for (int length; (length = in.read(buffer)) >= 0; ) {
        for (int i = 0; i < length; i++) {
          keys.typed(buffer[i] & 0xff);
        }
      }
    } catch (IOException e) {
      // A terminal that hangs up has no more keys.
    }
    synchronized (this) {
      ended = true;
    }
    actions.quit();
  }

  private void enqueue(int b) {
    synchronized (this) {
      try {
        while (typed.size() >= LONGEST_QUEUE && !released) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      typed.add(b);
    }
    idle.wake();
  }

  @Override
  public synchronized int next() {
    Integer b = typed.poll();
    if (b == null) {
      return ended ? END : NONE_NOW;
    }
    notifyAll();
    return b;
  }

  @Override
  public synchronized void release() {
    released = true;
    notifyAll();
  }
}

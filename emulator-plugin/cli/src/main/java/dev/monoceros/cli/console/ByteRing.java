package dev.monoceros.cli.console;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** A bounded queue of bytes between two threads. */
final class ByteRing {
  /** What {@link #poll} answers when there is nothing. */
  static final int EMPTY = -1;

  /** What {@link #poll} answers when there is nothing and nothing will come. */
  static final int CLOSED = -2;

  private final byte[] bytes;
  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int head;
  private int size;
  private boolean closed;

  ByteRing(int capacity) {
    bytes = new byte[capacity];
  }

  /** The next byte, at once. */
  int poll() {
    lock.lock();
    try {
      if (size == 0) {
        return closed ? CLOSED : EMPTY;
      }
      int b = bytes[head] & 0xff;
      head = (head + 1) % bytes.length;
      size--;
      changed.signalAll();
      return b;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a byte, waiting for room.
   *
   * @param patience ns of the host's time that the queue may stand still
   * @return false if there was none, or the queue is closed
   */
  boolean put(byte b, long patience) throws InterruptedException {
    lock.lock();
    try {
      long left = patience;
      while (size == bytes.length && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (closed || size == bytes.length) {
        return false;
      }
      bytes[(head + size++) % bytes.length] = b;
      if (size == 1) {
        changed.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for bytes and takes what there is; how many, or -1 when closed and empty. */
  int take(byte[] target) throws InterruptedException {
    lock.lock();
    try {
      while (size == 0 && !closed) {
        changed.await();
      }
      if (size == 0) {
        return -1;
      }
      int count = Math.min(size, target.length);
      for (int i = 0; i < count; i++) {
        target[i] = bytes[(head + i) % bytes.length];
      }
      head = (head + count) % bytes.length;
      size -= count;
      changed.signalAll();
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** No more bytes are taken in; what is there can still be had. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

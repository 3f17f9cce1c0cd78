package dev.monoceros.cli.console;

import dev.monoceros.machine.cpu.IdlePolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets a halted guest wait as long on the host's clock as on its own, for somebody at a terminal. A
 * wait that was a little too long shortens the next ones; a longer delay, such as the guest's own
 * work, is not caught up.
 */
public final class PacedIdle implements IdlePolicy {
  /** How far the guest's clock may hurry after the host's, ns. */
  private static final long CATCH_UP = 20_000_000;

  /** With nothing to wait for but a key, so often a look is taken, ns. */
  private static final long LONGEST = 100_000_000;

  private final LongSupplier hostNanos;
  private final Lock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private boolean wake;
  private boolean started;
  private long due;

  /**
   * A policy.
   *
   * @param hostNanos the host's monotonic clock, ns
   */
  public PacedIdle(LongSupplier hostNanos) {
    this.hostNanos = hostNanos;
  }

  @Override
  public long idle(long now, long until) {
    long wanted = Math.min(until - now, LONGEST);
    long begin = hostNanos.getAsLong();
    if (!started || due - begin < -CATCH_UP) {
      started = true;
      due = begin;
    }
    due += wanted;
    long left = await(due);
    due -= left;
    return now + wanted - Math.min(wanted, left);
  }

  /** Waits for a time of the host's clock or a wake-up; what is then left of it, ns. */
  private long await(long time) {
    lock.lock();
    try {
      long left = time - hostNanos.getAsLong();
      while (left > 0 && !wake) {
        woken.await(left, TimeUnit.NANOSECONDS);
        left = time - hostNanos.getAsLong();
      }
      wake = false;
      return Math.max(0, left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a wait, because a key was typed or the run is to stop; from any thread. */
  public void wake() {
    lock.lock();
    try {
      wake = true;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

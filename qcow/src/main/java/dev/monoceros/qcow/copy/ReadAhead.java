package dev.monoceros.qcow.copy;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs tasks in an executor that are much shorter than what the thread that adds them does between
 * two of them. To wake another thread for each costs as much as a sixth of writing what it read; so
 * one thread stays, and looks for the next task from time to time.
 */
final class ReadAhead {
  private static final long PAUSE_NANOS = 50_000;

  /** How many pauses without a task the thread stays. */
  private static final int PATIENCE = 100;

  /** With so many tasks waiting another worker is worth its start. */
  private static final int BEHIND = 2;

  private final Executor executor;
  private final int parallel;
  private final Thread owner = Thread.currentThread();
  private final ConcurrentLinkedQueue<FutureTask<?>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger workers = new AtomicInteger();

  /**
   * @param executor may run what it is given at once, on the caller's thread
   * @param parallel most workers at a time, 1 or more
   */
  ReadAhead(Executor executor, int parallel) {
    this.executor = executor;
    this.parallel = parallel;
  }

  /** Called by the owner's thread only. */
  void add(FutureTask<?> task) {
    boolean behind = count.getAndIncrement() >= BEHIND;
    waiting.add(task);
    int working = workers.get();
    if (working == 0 || behind && working < parallel) {
      workers.incrementAndGet();
      executor.execute(this::work);
    }
  }

  private void work() {
    int pauses = 0;
    while (true) {
      FutureTask<?> task = waiting.poll();
      if (task != null) {
        count.decrementAndGet();
        task.run();
        pauses = 0;
      } else if (mayLeave(pauses)) {
        workers.decrementAndGet();
        // Something may have been added by someone who still counted on this worker.
        if (waiting.isEmpty() || !workers.compareAndSet(0, 1)) {
          return;
        }
      } else {
        pauses++;
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private boolean mayLeave(int pauses) {
    return pauses >= PATIENCE || workers.get() > 1 || Thread.currentThread() == owner;
  }
}

package dev.monoceros.cli.io;

import dev.monoceros.qcow.graph.Breakpoints;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries requests out where a breakpoint may stop one in the middle. The caller always waits until
 * the request is done or stopped, so that only one of the two threads runs at a time and the order
 * of what they print is fixed.
 */
final class RequestThread implements Breakpoints.Listener {
  private final Output out;
  private Runnable task;
  private boolean running;
  private String suspended;
  private final List<String> unsaid = new ArrayList<>();
  private RuntimeException failure;
  private Thread worker;

  RequestThread(Output out) {
    this.out = out;
  }

  /** Starts a task and waits until it is done or stopped; none may be stopped. */
  void run(Runnable newTask) {
    synchronized (this) {
      task = newTask;
      running = true;
      if (worker == null) {
        worker = Thread.ofPlatform().daemon().name("io-requests").start(this::serve);
      }
      notifyAll();
    }
    settle();
  }

  /** Waits until the task is done or stopped. */
  synchronized void settle() {
    boolean interrupted = false;
    while (running) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      RuntimeException thrown = failure;
      failure = null;
      throw thrown;
    }
  }

  /** Tag of the request that is stopped, or null. */
  synchronized String suspended() {
    return suspended;
  }

  /** Says what was stopped, when somebody asks, as QEMU does for requests that took a while. */
  synchronized void announce() {
    for (String tag : unsaid) {
      out.line("blkdebug: Suspended request '" + tag + "'");
    }
    unsaid.clear();
  }

  private void serve() {
    try {
      while (true) {
        Runnable next = next();
        try {
          next.run();
        } catch (RuntimeException e) {
          failed(e);
        }
        done();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Runnable next() throws InterruptedException {
    while (task == null) {
      wait();
    }
    Runnable next = task;
    task = null;
    return next;
  }

  private synchronized void failed(RuntimeException e) {
    failure = e;
  }

  private synchronized void done() {
    running = false;
    notifyAll();
  }

  @Override
  public synchronized boolean suspended(List<String> tags) {
    if (Thread.currentThread() != worker) {
      // The thread that takes commands cannot resume itself.
      return false;
    }
    unsaid.addAll(tags);
    suspended = tags.getFirst();
    running = false;
    notifyAll();
    return true;
  }

  @Override
  public synchronized void resumed(String tag, boolean goesOn) {
    announce();
    out.line("blkdebug: Resuming request '" + tag + "'");
    if (goesOn) {
      suspended = null;
      running = true;
    }
  }
}

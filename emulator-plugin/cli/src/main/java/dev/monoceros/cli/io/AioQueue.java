package dev.monoceros.cli.io;

import dev.monoceros.qcow.graph.Breakpoints;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * Requests that nobody has waited for yet. They are carried out in the order they came, when
 * somebody does wait: before any other request, at {@code aio_flush}, and at the end. So the same
 * script always prints the same, which QEMU's threads do not promise.
 *
 * <p>Once a breakpoint is set they are carried out as they come, on a thread that it may stop;
 * those that come while it is stopped wait. What they print is kept until somebody waits, here too.
 */
final class AioQueue {
  /** More than this are not left outstanding. */
  private static final int LIMIT = 1024;

  private final Output out;
  private final Transfers transfers;
  private final LongSupplier clock;
  private final RequestThread thread;
  private final Breakpoints breakpoints;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  AioQueue(Output out, Transfers transfers, LongSupplier clock) {
    this.out = out;
    this.transfers = transfers;
    this.clock = clock;
    this.thread = new RequestThread(out);
    this.breakpoints = new Breakpoints(thread);
  }

  /** A request, and what it printed once it is done. */
  private static final class Pending {
    final Request request;
    final long since;
    volatile Output printed;
    volatile boolean succeeded;

    Pending(Request request, long since) {
      this.request = request;
      this.since = since;
    }
  }

  Breakpoints breakpoints() {
    return breakpoints;
  }

  /** Tag of the request that holds the image, or null. */
  String suspended() {
    return thread.suspended();
  }

  void submit(OpenFile file, Request request) {
    if (pending.size() == LIMIT && thread.suspended() == null) {
      drain(file);
    }
    pending.add(new Pending(request, clock.getAsLong()));
    if (breakpoints.armed()) {
      start(file);
    }
  }

  /** Carries out what has come, until one is stopped. */
  void start(OpenFile file) {
    for (Pending item : pending) {
      if (thread.suspended() != null) {
        return;
      }
      if (item.printed == null) {
        thread.run(() -> perform(file, item, inImage -> clock.getAsLong() - item.since));
      }
    }
  }

  private void perform(OpenFile file, Pending item, Stopwatch stopwatch) {
    Output captured = out.captured();
    item.succeeded = item.request.perform(file, transfers, captured, stopwatch);
    item.printed = captured;
  }

  /** After a resume: the stopped request goes on, and then those behind it. */
  void goOn(OpenFile file) {
    thread.settle();
    start(file);
  }

  /** Carries out a request that is waited for, where a breakpoint may stop it. */
  boolean perform(OpenFile file, Request request) {
    Pending item = new Pending(request, clock.getAsLong());
    thread.run(() -> perform(file, item, Stopwatch.IMAGE_ONLY));
    if (thread.suspended() != null) {
      out.error("nothing can resume request '" + thread.suspended() + "', it goes on");
      breakpoints.clear();
      thread.settle();
    }
    out.print(item.printed);
    return item.succeeded;
  }

  /** Carries out all of them, but those behind a stopped one. */
  void drain(OpenFile file) {
    thread.announce();
    while (!pending.isEmpty()) {
      Pending next = pending.peek();
      if (next.printed != null) {
        out.print(next.printed);
      } else if (thread.suspended() != null) {
        return;
      } else {
        next.request.perform(file, transfers, out, inImage -> clock.getAsLong() - next.since);
      }
      pending.remove();
    }
  }

  /** Lets all go on and carries them out. */
  void finish(OpenFile file) {
    breakpoints.reset();
    thread.settle();
    drain(file);
  }
}

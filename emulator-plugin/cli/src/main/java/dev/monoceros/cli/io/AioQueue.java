package dev.monoceros.cli.io;

import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * Requests that nobody has waited for yet. They are carried out in the order they came, when
 * somebody does wait: before any other request, at {@code aio_flush}, and at the end. So the same
 * script always prints the same, which QEMU's threads do not promise.
 */
final class AioQueue {
  /** More than this are not left outstanding. */
  private static final int LIMIT = 1024;

  private final Output out;
  private final Transfers transfers;
  private final LongSupplier clock;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  AioQueue(Output out, Transfers transfers, LongSupplier clock) {
    this.out = out;
    this.transfers = transfers;
    this.clock = clock;
  }

  private record Pending(Request request, long since) {}

  void submit(OpenFile file, Request request) {
    if (pending.size() == LIMIT) {
      drain(file);
    }
    pending.add(new Pending(request, clock.getAsLong()));
  }

  /** Carries out all of them. */
  void drain(OpenFile file) {
    Pending next;
    while ((next = pending.poll()) != null) {
      long since = next.since();
      next.request().perform(file, transfers, out, inImage -> clock.getAsLong() - since);
    }
  }
}

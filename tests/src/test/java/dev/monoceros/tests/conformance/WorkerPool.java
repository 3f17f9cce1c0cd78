package dev.monoceros.tests.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/** As many workers as are of use, each on one job at a time. */
final class WorkerPool implements AutoCloseable {
  private static final int WORKERS = Math.min(4, Runtime.getRuntime().availableProcessors());

  private final BlockingQueue<WorkerProcess> idle = new LinkedBlockingQueue<>();
  private final List<WorkerProcess> all = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(WORKERS);

  WorkerPool() {
    for (int i = 0; i < WORKERS; i++) {
      all.add(new WorkerProcess());
    }
    idle.addAll(all);
  }

  /** What one worker does. */
  interface Job<T> {
    T run(WorkerProcess worker) throws Exception;
  }

  <T> Future<T> submit(Job<T> job) {
    return threads.submit(
        () -> {
          WorkerProcess worker = idle.take();
          try {
            return job.run(worker);
          } finally {
            idle.add(worker);
          }
        });
  }

  /** One job on each worker, before any other. */
  <T> List<Future<T>> onEach(Job<T> job) {
    return all.stream().map(worker -> threads.submit(() -> job.run(worker))).toList();
  }

  /** Of all jobs, once the last is done. */
  static <T> List<T> results(List<Future<T>> jobs) throws Exception {
    List<T> results = new ArrayList<>();
    for (Future<T> job : jobs) {
      results.add(job.get());
    }
    return results;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    all.forEach(WorkerProcess::close);
  }
}

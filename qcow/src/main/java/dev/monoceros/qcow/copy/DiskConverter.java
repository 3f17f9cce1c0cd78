package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * Copies one or more disks, one after the other, to a target, as {@code qemu-img convert} does.
 *
 * <p>Chunks are read, looked through for zeros and compressed by an executor, several at a time;
 * the calling thread plans ahead and writes them in the order of the disk.
 */
public final class DiskConverter {
  /** As QEMU's; for compressed targets it is the cluster. */
  private static final int BUFFER = 2 << 20;

  private static final int DATA_BUFFERS = 4;
  private static final long UNCOUNTED = -1;

  private final Concatenation source;
  private final SectorDisk target;
  private final ConvertOptions options;
  private final Executor executor;
  private final int parallel;

  /**
   * @param sources not closed
   * @param target at least as large as the sources together; not closed
   * @param executor runs tasks that do not wait for each other; {@code Runnable::run} will do
   * @param parallel how many chunks to compress at the same time, 1 or more
   */
  public DiskConverter(
      List<DiskImage> sources,
      DiskImage target,
      ConvertOptions options,
      Executor executor,
      int parallel) {
    this.source = new Concatenation(sources, options.salvage());
    this.target = SectorDisk.of(target);
    this.options = options;
    this.executor = executor;
    this.parallel = parallel;
    if (this.target.length() < source.length()) {
      throw new IllegalArgumentException("the target is smaller than the sources together");
    }
  }

  /** Bytes that a target for these needs, a multiple of 512. */
  public static long sizeOf(List<DiskImage> sources) {
    return new Concatenation(sources, false).length();
  }

  /**
   * Copies.
   *
   * @throws CopyException at the first failure, with what lies before it written
   */
  public void run(CopyListener listener) throws CopyException {
    try (ChunkWriter writer = writer(listener)) {
      copy(listener, writer, listener.wantsProgress() ? countMoved() : UNCOUNTED);
    }
  }

  private ChunkWriter writer(CopyListener listener) {
    int buffer = options.compressed() ? target.image().clusterSize() : BUFFER;
    int count = options.compressed() ? 4 * parallel + 1 : DATA_BUFFERS;
    return new ChunkWriter(source, target, options, listener, buffer, count);
  }

  private ConvertPlan plan(Concatenation.Salvager salvager) {
    boolean compressed = options.compressed();
    int cluster = compressed ? target.image().clusterSize() : 0;
    return new ConvertPlan(source, options, salvager, compressed ? cluster : BUFFER, cluster);
  }

  /** Bytes that will be read or written, for progress. */
  private long countMoved() throws CopyException {
    ConvertPlan plan = plan(_ -> {});
    long moved = 0;
    while (!plan.done()) {
      moved += plan.next().length();
    }
    return moved;
  }

  private void copy(CopyListener listener, ChunkWriter writer, long counted) throws CopyException {
    long total = counted;
    ConvertPlan plan = plan(listener::salvaged);
    ArrayDeque<FutureTask<ChunkWriter.Ready>> ahead = new ArrayDeque<>();
    ReadAhead readAhead = new ReadAhead(executor, parallel);
    long moved = 0;
    try {
      while (!plan.done() || !ahead.isEmpty()) {
        while (!plan.done() && writer.freeBuffers() > 0) {
          ConvertPlan.Chunk chunk = plan.next();
          if (chunk.length() > 0) {
            moved += chunk.length();
            if (listener.wantsProgress()) {
              total = total == UNCOUNTED ? countMoved() : total;
              listener.at(moved, total);
            }
          }
          FutureTask<ChunkWriter.Ready> task = writer.prepare(chunk);
          ahead.add(task);
          if (chunk.length() == 0) {
            task.run();
          } else if (options.compressed()) {
            executor.execute(task);
          } else {
            readAhead.add(task);
          }
        }
        ChunkWriter.Ready ready = await(ahead.peek());
        ahead.remove();
        writer.write(ready);
      }
    } finally {
      settle(ahead);
    }
  }

  private static ChunkWriter.Ready await(FutureTask<ChunkWriter.Ready> task) throws CopyException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static CopyException rethrown(Throwable cause) {
    return switch (cause) {
      case CopyException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(cause);
    };
  }

  /** After a failure nothing may still use the images or the buffers. */
  private static void settle(ArrayDeque<FutureTask<ChunkWriter.Ready>> ahead) {
    for (FutureTask<ChunkWriter.Ready> task : ahead) {
      try {
        await(task);
      } catch (CopyException | RuntimeException e) {
        // The first failure is the one that is reported.
      }
    }
  }

  /** Makes what was copied safe from a power cut. */
  public void flush() throws CopyException {
    try {
      target.image().flush();
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.FINISH, 0, 0, e);
    }
  }
}

package dev.monoceros.machine;

import dev.monoceros.machine.block.Disk;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** New sizes for disks of a running machine, asked for by any thread and made on its own. */
final class DiskResizes {
  private final Map<String, Disk> disks;
  private final Consumer<String> changed;
  private final Queue<Resize> waiting = new ConcurrentLinkedQueue<>();

  private record Resize(String disk, long bytes, CompletableFuture<Void> done) {}

  /**
   * @param disks by the guest's names
   * @param changed tells the guest that a disk has another size
   */
  DiskResizes(Map<String, Disk> disks, Consumer<String> changed) {
    this.disks = disks;
    this.changed = changed;
  }

  /** From any thread; to be followed by {@link #carryOut} on the machine's. */
  CompletableFuture<Void> add(String name, long bytes) {
    Resize resize = new Resize(name, bytes, new CompletableFuture<>());
    waiting.add(resize);
    return resize.done();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Makes all that were added. */
  void carryOut() {
    for (Resize next = waiting.poll(); next != null; next = waiting.poll()) {
      try {
        resize(next.disk(), next.bytes());
        next.done().complete(null);
      } catch (IOException e) {
        next.done().completeExceptionally(e);
      }
    }
  }

  /**
   * Makes one now.
   *
   * @throws IOException with one sentence
   */
  void resize(String name, long bytes) throws IOException {
    Disk disk = disks.get(name);
    if (disk == null) {
      throw new IOException("this machine has no disk " + name);
    }
    if (!Disk.isSize(bytes)) {
      throw new IOException(Disk.SIZE_RULE);
    }
    disk.resize(bytes);
    changed.accept(name);
  }

  /** There is no machine any more. */
  void runEnded() {
    for (Resize late = waiting.poll(); late != null; late = waiting.poll()) {
      late.done().completeExceptionally(new IOException("the run has ended"));
    }
  }
}

package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/**
 * Hands out free host clusters, the first ones in the file first, and takes them back. The search
 * starts at {@link #hint}, which moves up past what is in use and down to what is freed.
 */
public final class ClusterAllocator {
  private final OrderedFile file;
  private final Geometry geometry;
  private final MetadataMap metadata;
  private final Refcounts refcounts;
  private final PendingFrees pending = new PendingFrees();
  private final boolean passRequest;
  private final boolean passOther;
  private long hint;
  private long end;

  ClusterAllocator(
      OrderedFile file,
      Geometry geometry,
      MetadataMap metadata,
      Refcounts refcounts,
      MapOptions options) {
    this.passRequest = options.passRequest();
    this.passOther = options.passOther();
    this.file = file;
    this.geometry = geometry;
    this.metadata = metadata;
    this.refcounts = refcounts;
  }

  /**
   * Allocates at least one and at most {@code max} clusters in a row. Their refcounts are 1 in
   * memory; what the file holds there is undefined below its length.
   */
  public HostRun allocate(int max) throws ImageFault {
    file.event(BlockEvent.CLUSTER_ALLOC);
    long first = firstFree();
    int count = refcounts.freeRun(first, max);
    long offset = first << geometry.clusterBits();
    long bytes = (long) count << geometry.clusterBits();
    for (long at = offset; at < offset + bytes; at += geometry.clusterSize()) {
      metadata.requireNoMetadata(at);
    }
    refcounts.set(first, count, 1);
    hint = first + count;
    end = Math.max(end, offset + bytes);
    return new HostRun(offset, count, bytes, file.size());
  }

  private long firstFree() throws ImageFault {
    long cluster = hint;
    while (true) {
      if (cluster >= TableEntry.MAX_HOST_OFFSET >>> geometry.clusterBits()) {
        throw new ImageFault(
            ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "the image file cannot grow any further");
      }
      if (!refcounts.covers(cluster)) {
        refcounts.addBlock(cluster);
      }
      long free = refcounts.firstFree(cluster);
      if (free < refcounts.blockEnd(cluster)) {
        return free;
      }
      cluster = free;
    }
  }

  /**
   * Undoes {@link #allocate} after a failure: refcounts are restored and the file is cut back to
   * where it ended. Faults on the way are added to {@code failure}; at worst the clusters leak.
   */
  public void giveBack(HostRun run, ImageFault failure) {
    try {
      long first = run.offset() >>> geometry.clusterBits();
      refcounts.set(first, run.count(), 0);
      hint = Math.min(hint, first);
      if (end == run.offset() + run.bytes()) {
        end = run.offset();
      }
      file.cutTo(Math.max(run.fileSize(), run.offset()));
    } catch (ImageFault e) {
      failure.addSuppressed(e);
    }
  }

  long fileSize() {
    return file.size();
  }

  /**
   * Takes one use of a cluster away that was added for something nothing points at; a cluster
   * without any other is given back as {@link #giveBack} does.
   */
  void giveBackUse(long cluster, long fileSize, ImageFault failure) {
    try {
      if (refcounts.get(cluster) == 1) {
        long offset = cluster << geometry.clusterBits();
        giveBack(new HostRun(offset, 1, geometry.clusterSize(), fileSize), failure);
      } else {
        refcounts.decrement(cluster);
      }
    } catch (ImageFault e) {
      failure.addSuppressed(e);
    }
  }

  /** One pointer to the cluster at {@code offset} is gone, so far in memory only. */
  public void freeLater(long offset) {
    pending.add(offset, passOther);
  }

  /** The same, because the guest discards it: with its last use its blocks go back to the host. */
  public void discardLater(long offset) {
    pending.add(offset, passRequest);
  }

  /** No cluster below this one is free. */
  public long hint() {
    return hint;
  }

  /** How many clusters wait for {@link #applyFrees()}. */
  public int pendingFrees() {
    return pending.size();
  }

  /** Call with all pointers on disk and flushed: takes the references of removed pointers away. */
  void applyFrees() throws ImageFault {
    // Nothing on disk leads to these clusters any more, and nobody has been given them yet: now
    // their contents are nobody's, whatever refcount a cut leaves them with.
    HolePuncher holes = new HolePuncher(file, geometry.clusterSize());
    while (pending.size() > 0) {
      long offset = pending.peek();
      boolean discarded = pending.peekDiscarded();
      file.event(BlockEvent.CLUSTER_FREE);
      boolean free = applyFree(offset >>> geometry.clusterBits());
      pending.removePeeked();
      if (free && discarded) {
        holes.add(offset);
      }
    }
    holes.finish();
  }

  private boolean applyFree(long cluster) throws ImageFault {
    try {
      boolean free = refcounts.decrement(cluster);
      if (free) {
        hint = Math.min(hint, cluster);
      }
      return free;
    } catch (ImageFault e) {
      if (e.kind() == ErrorKind.CORRUPT) {
        // Said once; asking again would not make the refcount right. Host faults are retried.
        pending.removePeeked();
      }
      throw e;
    }
  }

  /** Gives the file the whole of its last cluster, which a short write may have left open. */
  void materialize() throws ImageFault {
    file.extendTo(end);
  }
}

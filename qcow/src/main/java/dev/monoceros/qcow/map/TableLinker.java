package dev.monoceros.qcow.map;

import dev.monoceros.qcow.cache.TableCache;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * Gives an L1 entry an L2 table of its own: a new one of zeros, or a copy of one that is shared
 * with an internal snapshot.
 *
 * <p>Order: refcount and table contents, flush, L1 entry. If any of it fails the L1 entry is what
 * it was, the refcount is restored and the file is cut back.
 */
final class TableLinker {
  private final OrderedFile file;
  private final Geometry geometry;
  private final ResidentTable l1;
  private final TableCache l2;
  private final Refcounts refcounts;
  private final ClusterAllocator allocator;
  private final MetadataMap metadata;

  TableLinker(
      OrderedFile file,
      Geometry geometry,
      ResidentTable l1,
      TableCache l2,
      Refcounts refcounts,
      ClusterAllocator allocator,
      MetadataMap metadata) {
    this.file = file;
    this.geometry = geometry;
    this.l1 = l1;
    this.l2 = l2;
    this.refcounts = refcounts;
    this.allocator = allocator;
    this.metadata = metadata;
  }

  /** Links a new table into L1 entry {@code index}, which is empty or not this image's alone. */
  void link(int index) throws ImageFault {
    long shared = TableEntry.hostOffset(l1.get(index));
    HostRun run = allocator.allocate(1);
    try {
      fill(run, shared);
      refcounts.settle();
      file.barrier();
    } catch (ImageFault e) {
      allocator.giveBack(run, e);
      throw e;
    }
    publish(index, run);
    metadata.addTable(run.offset());
    if (shared != 0) {
      // Clean, because a shared table is never changed in place.
      l2.drop(shared, geometry.clusterSize());
      metadata.removeTable(shared);
      allocator.freeLater(shared);
    }
  }

  private void fill(HostRun run, long shared) throws ImageFault {
    if (shared != 0) {
      ByteBuffer copy = ByteBuffer.allocate(geometry.clusterSize());
      file.event(BlockEvent.L2_ALLOC_COW_READ);
      file.read(copy, shared);
      file.event(BlockEvent.L2_ALLOC_WRITE);
      file.write(copy.flip(), run.offset());
      return;
    }
    file.event(BlockEvent.L2_ALLOC_WRITE);
    if (run.offset() >= run.fileSize()) {
      file.extendTo(run.offset() + run.bytes());
    } else {
      file.writeZeroes(run.offset(), run.bytes());
    }
  }

  private void publish(int index, HostRun run) throws ImageFault {
    long before = l1.get(index);
    try {
      file.event(BlockEvent.L1_UPDATE);
      l1.store(index, TableEntry.toOwned(run.offset()));
    } catch (ImageFault e) {
      // The disk may hold the new pointer already. Only when the old one is surely back may the
      // table be given up; otherwise it stays allocated, which is a leak at worst.
      try {
        l1.store(index, before);
        file.barrier();
      } catch (ImageFault again) {
        e.addSuppressed(again);
        throw e;
      }
      allocator.giveBack(run, e);
      throw e;
    }
  }
}

package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Changes the size of the disk within a rewrite. What is cut off is freed, what is added reads as
 * zero, and size, L1 table and refcounts change in the same moment.
 */
public final class Resize {
  /** All subclusters read as zero, section "Extended L2 Entries". */
  private static final long ALL_ZERO = 0xffff_ffffL << 32;

  private final ImageRewrite rewrite;
  private final Geometry geometry;
  private final References references;
  private final List<Extent> allocated = new ArrayList<>();

  /** New data clusters in a row, to be given blocks of the host. */
  public record Extent(long offset, long length) {}

  public Resize(ImageRewrite rewrite) {
    this.rewrite = rewrite;
    this.geometry = rewrite.geometry();
    this.references = new References(rewrite);
  }

  /** The data clusters that {@link #to} allocated; in the external data file if there is one. */
  public List<Extent> allocated() {
    return List.copyOf(allocated);
  }

  /**
   * Sets the size.
   *
   * @param size in bytes, a multiple of 512
   * @param hideBelow whether clusters that are added must say that they are zero, because the
   *     backing file has something there
   * @param allocate whether clusters that are added get their places at once
   * @throws ImageFault UNSUPPORTED, BAD_OPTION and what reading and writing throw
   */
  public void to(long size, boolean hideBelow, boolean allocate) throws ImageFault {
    if (rewrite.header().version() == 2 && rewrite.header().snapshots() != 0) {
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "Can't resize a v2 image which has snapshots");
    }
    long old = rewrite.header().size();
    if (size == old && !allocate) {
      return;
    }
    if (rewrite.header().version() == 2 && hideBelow) {
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "Failed to zero out new clusters: Operation not supported");
    }
    long needed = geometry.l1EntriesFor(size);
    if (needed * TableEntry.BYTES > Limits.L1_BYTES) {
      throw new ImageFault(
          ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "Failed to grow the L1 table: File too large");
    }
    long[] l1 = withoutVmState(rewrite.activeL1(), (int) geometry.l1EntriesFor(old));
    if (size < old) {
      cut(l1, geometry.clustersFor(size), needed);
    }
    long[] fitting = Arrays.copyOf(l1, (int) needed);
    if (size > old || allocate) {
      long from = geometry.clustersFor(size > old ? old : 0);
      grow(fitting, from, geometry.clustersFor(size), hideBelow, allocate);
    }
    tell(l1.length, fitting.length);
    rewrite.replaceL1(fitting);
    rewrite.draft().size(size);
  }

  private void tell(int before, int after) {
    if (after > before) {
      rewrite.file().event(BlockEvent.L1_GROW_ALLOC_TABLE);
      rewrite.file().event(BlockEvent.L1_GROW_WRITE_TABLE);
    } else if (after < before) {
      rewrite.file().event(BlockEvent.L1_SHRINK_WRITE_TABLE);
    }
  }

  /** Machine state behind the disk would become a part of it, or be cut off. */
  private long[] withoutVmState(long[] l1, int diskEntries) throws ImageFault {
    references.count(Arrays.copyOfRange(l1, diskEntries, l1.length), -1);
    return Arrays.copyOf(l1, diskEntries);
  }

  /** Gives up all that is mapped from guest cluster {@code from} on. */
  private void cut(long[] l1, long from, long keep) throws ImageFault {
    int firstWhole = (int) keep;
    references.count(Arrays.copyOfRange(l1, firstWhole, l1.length), -1);
    Arrays.fill(l1, firstWhole, l1.length, 0);
    L2Editor editor = new L2Editor(rewrite, l1);
    long end = keep * editor.entriesPerTable();
    for (long cluster = from; cluster < end && !editor.unmapped(cluster); cluster++) {
      long descriptor = editor.descriptor(cluster);
      if (descriptor != 0 || editor.bitmap(cluster) != 0) {
        references.countEntry(descriptor, -1);
        editor.set(cluster, 0, 0);
      }
    }
    editor.store();
  }

  private void grow(long[] l1, long from, long to, boolean hideBelow, boolean allocate)
      throws ImageFault {
    if (!hideBelow && !allocate) {
      return;
    }
    L2Editor editor = new L2Editor(rewrite, l1);
    long at = from;
    while (at < to) {
      long tableEnd = (at / editor.entriesPerTable() + 1) * editor.entriesPerTable();
      long end = Math.min(to, tableEnd);
      for (long cluster = at; cluster < end; cluster++) {
        if (editor.descriptor(cluster) == 0 && editor.bitmap(cluster) == 0) {
          fill(editor, cluster, hideBelow, allocate);
        }
      }
      at = end;
    }
    editor.store();
  }

  private void fill(L2Editor editor, long cluster, boolean hideBelow, boolean allocate)
      throws ImageFault {
    long descriptor = allocate ? TableEntry.toOwned(dataCluster(cluster)) : 0;
    if (hideBelow && !editor.extended()) {
      descriptor |= TableEntry.ZERO;
    }
    editor.set(cluster, descriptor, hideBelow ? ALL_ZERO : 0);
  }

  /** A new cluster that reads as zero: beyond the end of the file, or at its guest offset. */
  private long dataCluster(long guestCluster) throws ImageFault {
    long offset =
        rewrite.header().externalData()
            ? guestCluster << geometry.clusterBits()
            : rewrite.refcounts().allocateAtEnd(1);
    Extent last = allocated.isEmpty() ? null : allocated.getLast();
    if (last != null && last.offset + last.length == offset) {
      allocated.set(
          allocated.size() - 1, new Extent(last.offset, last.length + geometry.clusterSize()));
    } else {
      allocated.add(new Extent(offset, geometry.clusterSize()));
    }
    return offset;
  }
}

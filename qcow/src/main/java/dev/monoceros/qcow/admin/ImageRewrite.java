package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderDraft;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * One change of the image's metadata: all of it or nothing. The image must have been flushed, and
 * afterwards whoever holds tables in memory must read them again.
 *
 * <p>Order of writes: new tables, data and refcounts into clusters that are free; flush; header;
 * flush. The clusters that the change frees are free from the moment the header is on disk; only
 * then are holes made of them.
 */
public final class ImageRewrite {
  private final OrderedFile file;
  private final HeaderStore store;
  private final Header header;
  private final HeaderDraft draft;
  private final RefcountRewrite refcounts;
  private final long sizeBefore;
  private final boolean punch;
  private boolean trim;

  private ImageRewrite(OrderedFile file, int order, long hint, boolean punch) throws ImageFault {
    this.file = file;
    this.punch = punch;
    this.store = new HeaderStore(file);
    this.header = store.read();
    this.draft = store.draft();
    int width = order < 0 ? header.geometry().refcountOrder() : order;
    this.refcounts = new RefcountRewrite(file, header, width, hint);
    this.sizeBefore = file.size();
  }

  /** What is to change. */
  @FunctionalInterface
  public interface Change {
    void make(ImageRewrite rewrite) throws ImageFault;
  }

  /**
   * Changes the image in {@code file}. If this fails before the header was written, nothing has
   * changed; if that very write failed, the change may be valid or not. So the image must be read
   * again either way.
   *
   * @param hint number of a cluster below which none is free, or 0
   * @param punch whether the host gets the blocks of clusters that become free back
   */
  public static void run(OrderedFile file, long hint, boolean punch, Change change)
      throws ImageFault {
    new ImageRewrite(file, -1, hint, punch).carryOut(change);
  }

  /** The same, and refcounts get a new width: 2 to the power of {@code order} bits. */
  public static void runWithRefcountOrder(OrderedFile file, int order, Change change)
      throws ImageFault {
    new ImageRewrite(file, order, 0, false).carryOut(change);
  }

  /**
   * Moves the active tables that lie at {@code limit} or beyond to free clusters before it, as far
   * as there are any, and cuts the file back to its last cluster in use.
   */
  public static void compact(OrderedFile file, long limit, boolean punch) throws ImageFault {
    run(
        file,
        0,
        punch,
        rewrite -> {
          rewrite.replaceL1(new References(rewrite).pullBack(rewrite.activeL1(), limit));
          rewrite.trim = true;
        });
  }

  private void carryOut(Change change) throws ImageFault {
    try {
      change.make(this);
      RefcountRewrite.Table table = refcounts.write();
      draft.refcountTable(table.offset(), table.clusters());
      file.extendTo(refcounts.end());
      file.barrier();
    } catch (ImageFault e) {
      cutBack(e);
      throw e;
    }
    store.write(draft);
    if (trim) {
      file.cutTo(refcounts.usedEnd());
    }
    if (punch) {
      refcounts.punchFreed();
    }
  }

  private void cutBack(ImageFault failure) {
    try {
      file.cutTo(sizeBefore);
    } catch (ImageFault e) {
      failure.addSuppressed(e);
    }
  }

  /** The header as it is on disk. */
  public Header header() {
    return header;
  }

  /** The header to be; tables of refcounts are set at the end. */
  public HeaderDraft draft() {
    return draft;
  }

  public RefcountRewrite refcounts() {
    return refcounts;
  }

  public OrderedFile file() {
    return file;
  }

  public Geometry geometry() {
    return header.geometry();
  }

  /** Writes bytes to new clusters, zeros after them to the end of the last; says where. */
  public long place(ByteBuffer content) throws ImageFault {
    long length = content.remaining();
    long clusters = Math.max(1, geometry().clustersFor(length));
    long offset = refcounts.allocate(clusters);
    file.write(content, offset);
    file.writeZeroes(offset + length, (clusters << geometry().clusterBits()) - length);
    return offset;
  }

  /** Writes a table of 64-bit entries to new clusters; one of no entries has no place but 0. */
  public long place(long[] table) throws ImageFault {
    if (table.length == 0) {
      return 0;
    }
    ByteBuffer bytes = ByteBuffer.allocate(table.length * TableEntry.BYTES);
    bytes.asLongBuffer().put(table);
    return place(bytes);
  }

  /** Takes a reference away from each cluster of an area. */
  public void release(long offset, long length) throws ImageFault {
    refcounts.add(offset, geometry().clustersFor(length), -1);
  }

  /** The active L1 table, as it is on disk. */
  public long[] activeL1() throws ImageFault {
    return L1Table.read(file, geometry(), header.l1Offset(), header.l1Entries());
  }

  /** Writes a new active L1 table and gives the clusters of the old one up. */
  public void replaceL1(long[] table) throws ImageFault {
    release(header.l1Offset(), (long) header.l1Entries() * TableEntry.BYTES);
    draft.l1(place(table), table.length);
  }

  /** Frees everything under the active L1 table; snapshots keep what they refer to. */
  public void empty() throws ImageFault {
    new References(this).count(activeL1(), -1);
    replaceL1(new long[header.l1Entries()]);
  }
}

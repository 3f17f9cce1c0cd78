package dev.monoceros.qcow.snapshot;

import dev.monoceros.qcow.admin.ImageRewrite;
import dev.monoceros.qcow.admin.L1Table;
import dev.monoceros.qcow.admin.References;
import dev.monoceros.qcow.admin.ZeroExpansion;
import dev.monoceros.qcow.bitmap.BitmapDirectory;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes, applies and deletes snapshots within an {@link ImageRewrite}, so each of them happens
 * whole or not at all, with no state between for a cut to show.
 *
 * <p>A snapshot is a copy of the L1 table that holds references to all L2 tables and clusters. What
 * is shared must not be written in place, so COPIED flags go and come with refcounts; L2 tables
 * whose flags change are written anew and replace the old ones.
 */
public final class SnapshotEditor {
  private static final int MAX_TEXT = 65535;

  private final ImageRewrite rewrite;
  private final SnapshotTable table;
  private final References references;

  public SnapshotEditor(ImageRewrite rewrite) throws ImageFault {
    this.rewrite = rewrite;
    Header header = rewrite.header();
    if (header.externalData()) {
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "has an external data file, which snapshots do not cover");
    }
    this.table = SnapshotTable.read(rewrite.file(), header);
    this.references = new References(rewrite);
  }

  /** Takes a snapshot; see {@link dev.monoceros.qcow.Snapshots#create}. */
  public SnapshotEntry create(String name, long seconds, int nanoseconds) throws ImageFault {
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, "the snapshot's name is too long");
    }
    long[] l1 = rewrite.activeL1();
    references.count(l1, 1);
    long[] shared = references.copiedFlags(l1, 2);
    rewrite.replaceL1(shared);
    SnapshotEntry taken =
        SnapshotEntry.of(
            rewrite.place(shared),
            shared.length,
            table.nextId(),
            name,
            seconds,
            nanoseconds,
            rewrite.header().size());
    List<SnapshotEntry> entries = new ArrayList<>(table.entries());
    entries.add(taken);
    store(entries);
    return taken;
  }

  /** Makes the disk what it was; see {@link dev.monoceros.qcow.Snapshots#apply}. */
  public void apply(String idOrName) throws ImageFault {
    SnapshotEntry entry = table.require(idOrName);
    if (!BitmapDirectory.read(rewrite.file(), rewrite.header()).entries().isEmpty()) {
      throw ImageFault.unsupported(ImageFault.NO_OFFSET, "Device has active dirty bitmaps");
    }
    long size = entry.diskSize(rewrite.header().size());
    long needed = rewrite.geometry().l1EntriesFor(size);
    if (size < 0 || needed > Integer.MAX_VALUE) {
      throw ImageFault.corrupt(
          rewrite.header().snapshotsOffset(), "the snapshot's disk size is out of range");
    }
    long[] kept = l1Of(entry);
    long[] l1 = Arrays.copyOf(kept, (int) Math.max(kept.length, needed));
    references.count(l1, 1);
    references.count(rewrite.activeL1(), -1);
    rewrite.replaceL1(references.copiedFlags(l1, 1));
    rewrite.draft().size(size);
  }

  /** Deletes one; see {@link dev.monoceros.qcow.Snapshots#delete}. */
  public void delete(String idOrName) throws ImageFault {
    SnapshotEntry entry = table.require(idOrName);
    references.count(l1Of(entry), -1);
    rewrite.release(entry.l1Offset(), entry.l1Entries() * TableEntry.BYTES);
    rewrite.replaceL1(references.copiedFlags(rewrite.activeL1(), 1));
    List<SnapshotEntry> entries = new ArrayList<>(table.entries());
    entries.remove(entry);
    store(entries);
  }

  /** Replaces zero clusters, of the disk and of all snapshots, by what version 2 has. */
  public void expandZeroes(boolean backed) throws ImageFault {
    ZeroExpansion expansion = new ZeroExpansion(rewrite, backed);
    rewrite.replaceL1(expansion.expand(rewrite.activeL1()));
    List<SnapshotEntry> entries = new ArrayList<>();
    for (SnapshotEntry entry : table.entries()) {
      long[] l1 = l1Of(entry);
      rewrite.release(entry.l1Offset(), entry.l1Entries() * TableEntry.BYTES);
      entries.add(entry.withL1(rewrite.place(expansion.expand(l1)), l1.length));
    }
    if (!entries.isEmpty()) {
      store(entries);
    }
  }

  private long[] l1Of(SnapshotEntry entry) throws ImageFault {
    return L1Table.read(rewrite.file(), rewrite.geometry(), entry.l1Offset(), entry.l1Entries());
  }

  /** Gives every entry the extra data that version 3 demands. */
  public void completeExtraData() throws ImageFault {
    long size = rewrite.header().size();
    if (!table.entries().isEmpty()) {
      store(table.entries().stream().map(entry -> entry.withKnownExtra(size)).toList());
    }
  }

  /** Replaces the table; of no entries there is none. */
  private void store(List<SnapshotEntry> entries) throws ImageFault {
    rewrite.release(rewrite.header().snapshotsOffset(), table.length());
    long place = entries.isEmpty() ? 0 : rewrite.place(SnapshotTable.encode(entries));
    rewrite.draft().snapshots(entries.size(), place);
  }
}

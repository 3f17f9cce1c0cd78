package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.snapshot.SnapshotFields;

/** Counts all references, compares, mends, and looks at the flags: the body of a check. */
final class RefcountCheck {
  private final SnapshotTable snapshots;
  private Examination exam;
  private StoredRefcounts stored;

  RefcountCheck(Examination exam, SnapshotTable snapshots) {
    this.exam = exam;
    this.snapshots = snapshots;
  }

  /** The state of things afterwards: the refcount table may have moved. */
  Examination run() throws ImageFault, CheckStopped {
    stored = new StoredRefcounts(exam.file(), exam.layout());
    Tally tally = exam.tally();
    boolean rebuild = count();
    Tally before = tally.copy();
    Comparison comparison = new Comparison(exam.with(Fix.NONE), stored, tally);
    comparison.run();
    rebuild |= comparison.rebuild();
    if (rebuild && exam.fix().errors()) {
      comparison = rebuild();
    } else if (exam.fix().any()) {
      if (rebuild) {
        exam.say("ERROR need to rebuild refcount structures");
        tally.checkErrors++;
        throw new CheckStopped(CheckStopped.IO);
      }
      if (tally.leaks != 0 || tally.corruptions != 0) {
        tally.reset(before);
        comparison = new Comparison(exam, stored, tally);
        comparison.run();
      }
    }
    new CopiedFlags(exam, stored, overlaps()).check();
    tally.highest = comparison.highest();
    return exam;
  }

  private Overlaps overlaps() {
    return new Overlaps(exam, snapshots, stored);
  }

  /** Counts every reference; true if the refcount structures cannot be mended in place. */
  private boolean count() throws ImageFault, CheckStopped {
    Layout layout = exam.layout();
    References counted = exam.counted();
    counted.add(0, layout.geometry().clusterSize());
    L1Walk walk = new L1Walk(exam, overlaps());
    walk.walk(layout.l1Offset(), layout.l1Entries(), true);
    if (layout.dataFile() && !snapshots.entries().isEmpty()) {
      exam.corruption("ERROR " + snapshots.entries().size() + " snapshots in image with data file");
    }
    for (SnapshotFields snapshot : snapshots.entries()) {
      snapshot(walk, snapshot);
    }
    walk.finish();
    counted.add(layout.snapshotsOffset(), snapshots.bytes());
    counted.add(
        layout.refcountTableOffset(),
        (long) layout.refcountTableClusters() << layout.geometry().clusterBits());
    BitmapWalk.walk(exam);
    return BlockWalk.walk(exam, stored);
  }

  private void snapshot(L1Walk walk, SnapshotFields entry) throws ImageFault, CheckStopped {
    if (!exam.layout().geometry().aligned(entry.l1Offset())) {
      exam.corruption(
          "ERROR snapshot %s l1_offset=%s: L1 table is not cluster aligned; snapshot table entry corrupted"
              .formatted(
                  SnapshotTable.describe(exam.file(), entry),
                  Messages.alternate(entry.l1Offset())));
    } else if (entry.l1Entries() > Limits.L1_BYTES / TableEntry.BYTES) {
      exam.corruption(
          "ERROR snapshot %s l1_size=%s: L1 table is too large; snapshot table entry corrupted"
              .formatted(
                  SnapshotTable.describe(exam.file(), entry),
                  Messages.alternate(entry.l1Entries())));
    } else {
      walk.walk(entry.l1Offset(), (int) entry.l1Entries(), false);
    }
  }

  private Comparison rebuild() throws ImageFault, CheckStopped {
    Tally tally = exam.tally();
    Tally old = tally.copy();
    exam.say("Rebuilding refcount structure");
    exam = exam.with(Rebuild.run(exam, overlaps()));
    stored.load(exam.layout().refcountTableOffset(), exam.layout().refcountTableClusters());
    tally.corruptions = 0;
    tally.leaks = 0;
    exam.counted().counts().clear();
    Examination all = exam;
    exam = all.with(Fix.NONE);
    count();
    exam = all;
    // The old structures are what leaks now, and any place tried for the new table.
    Tally fresh = new Tally();
    Comparison comparison = new Comparison(exam.with(Fix.LEAKS), stored, fresh);
    comparison.run();
    if (comparison.rebuild()) {
      exam.say("ERROR rebuilt refcount structure is still broken");
    }
    tally.corruptionsFixed += Math.max(0, old.corruptions - tally.corruptions);
    tally.leaksFixed += Math.max(0, old.leaks - tally.leaks);
    tally.leaks += fresh.leaks;
    return comparison;
  }
}

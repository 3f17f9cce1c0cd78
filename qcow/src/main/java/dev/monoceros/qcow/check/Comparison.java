package dev.monoceros.qcow.check;

import dev.monoceros.qcow.io.ImageFault;

/** Compares the references that were counted with the refcounts that are stored. */
final class Comparison {
  private final Examination exam;
  private final StoredRefcounts stored;
  private final Tally tally;
  private boolean rebuild;
  private long highest;

  /**
   * @param tally where findings are counted
   */
  Comparison(Examination exam, StoredRefcounts stored, Tally tally) {
    this.exam = exam;
    this.stored = stored;
    this.tally = tally;
  }

  /** True if a cluster in use is not counted at all, so that counting in place is not safe. */
  boolean rebuild() {
    return rebuild;
  }

  /** Number of the last cluster in use. */
  long highest() {
    return highest;
  }

  /** Mends what {@code exam.fix()} allows; what it changed is on disk when it returns. */
  void run() throws ImageFault {
    RefcountArray counts = exam.counted().counts();
    long cluster = 0;
    while (cluster < counts.size()) {
      long end = Math.min(counts.size(), stored.blockEnd(cluster));
      if (!stored.readable(cluster, exam)) {
        unreadable(cluster, end);
        cluster = end;
      } else if (stored.blockOf(cluster) == 0) {
        long next = Math.min(end, counts.skipAbsent(cluster));
        if (next == cluster) {
          compare(cluster, 0, counts.get(cluster));
          next++;
        }
        cluster = next;
      } else {
        compare(cluster, stored.get(cluster), counts.get(cluster));
        cluster++;
      }
    }
    stored.flush();
  }

  private void unreadable(long from, long to) {
    for (long cluster = from; cluster < to && !exam.messages().full(); cluster++) {
      exam.say("Can't get refcount for cluster " + cluster + ": " + CheckStopped.IO);
    }
    tally.checkErrors += to - from;
  }

  private void compare(long cluster, long refcount, long references) throws ImageFault {
    if (refcount != 0 || references != 0) {
      highest = cluster;
    }
    if (refcount == references) {
      return;
    }
    boolean tooLow = Long.compareUnsigned(refcount, references) < 0;
    boolean mend = false;
    if (refcount == 0) {
      rebuild = true;
    } else {
      mend = tooLow ? exam.fix().errors() : exam.fix().leaks();
    }
    String verb = tooLow ? "ERROR" : "Leaked";
    exam.say(
        "%s cluster %d refcount=%s reference=%s"
            .formatted(
                mend ? "Repairing" : verb,
                cluster,
                Long.toUnsignedString(refcount),
                Long.toUnsignedString(references)));
    if (mend) {
      stored.set(cluster, references);
    }
    if (tooLow) {
      tally.corruptions += mend ? 0 : 1;
      tally.corruptionsFixed += mend ? 1 : 0;
    } else {
      tally.leaks += mend ? 0 : 1;
      tally.leaksFixed += mend ? 1 : 0;
    }
  }
}

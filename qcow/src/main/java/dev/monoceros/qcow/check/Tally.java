package dev.monoceros.qcow.check;

/** The counters of a report while it is made. */
final class Tally {
  long checkErrors;
  long leaks;
  long corruptions;
  long leaksFixed;
  long corruptionsFixed;
  long allocated;
  long fragmented;
  long compressed;

  /** Number of the last cluster in use. */
  long highest;

  Tally copy() {
    Tally copy = new Tally();
    copy.reset(this);
    return copy;
  }

  /** Forgets what was found since {@code other} was copied from this. */
  void reset(Tally other) {
    checkErrors = other.checkErrors;
    leaks = other.leaks;
    corruptions = other.corruptions;
    leaksFixed = other.leaksFixed;
    corruptionsFixed = other.corruptionsFixed;
    allocated = other.allocated;
    fragmented = other.fragmented;
    compressed = other.compressed;
  }

  /** Adds the findings of another one, not its description of the data. */
  void add(Tally other) {
    checkErrors += other.checkErrors;
    leaks += other.leaks;
    corruptions += other.corruptions;
    leaksFixed += other.leaksFixed;
    corruptionsFixed += other.corruptionsFixed;
  }

  /** A corruption that was counted has been mended. */
  void mended(long count) {
    corruptions -= count;
    corruptionsFixed += count;
  }
}

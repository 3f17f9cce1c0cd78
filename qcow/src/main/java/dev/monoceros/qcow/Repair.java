package dev.monoceros.qcow;

/** What {@link DiskImage#check} may mend. */
public enum Repair {
  NONE,
  /** Refcounts that are too high. */
  LEAKS,
  /** Everything; may lose data of what is corrupt beyond repair. */
  ALL
}

package dev.monoceros.qcow;

/** How much of a new image is allocated at once, under QEMU's names. */
public enum Preallocation {
  /** Nothing. */
  OFF,
  /** All tables; the data clusters have their places and the file is sparse there. */
  METADATA,
  /** The tables, and blocks of the host for every cluster (fallocate). */
  FALLOC,
  /** The tables, and zeros written to every cluster. */
  FULL
}

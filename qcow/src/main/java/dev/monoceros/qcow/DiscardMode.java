package dev.monoceros.qcow;

/**
 * What becomes of a discard request, QEMU's option {@code discard}, and of clusters that a change
 * of the image as a whole frees, such as deleting a snapshot.
 */
public enum DiscardMode {
  /** It does nothing; freed clusters are used again, but the file keeps the host's blocks. */
  IGNORE,
  /** Clusters are freed, and holes punched into the file where the host can. */
  UNMAP
}

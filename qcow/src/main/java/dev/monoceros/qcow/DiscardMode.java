package dev.monoceros.qcow;

/** What becomes of a discard request, QEMU's option {@code discard}. */
public enum DiscardMode {
  /** It does nothing. */
  IGNORE,
  /** Clusters are freed, and holes punched into the file where the host can. */
  UNMAP
}

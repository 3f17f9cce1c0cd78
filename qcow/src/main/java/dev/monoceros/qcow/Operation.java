package dev.monoceros.qcow;

/** What was being done when an {@link ImageException} arose. */
public enum Operation {
  /** Reading the text of options, before anything was opened. */
  PARSE,
  OPEN,
  CREATE,
  READ,
  WRITE,
  FLUSH,
  DISCARD,
  WRITE_ZEROES,
  MAP,
  SNAPSHOT,
  BITMAP,
  CHECK,
  RESIZE,
  AMEND,
  CLOSE
}

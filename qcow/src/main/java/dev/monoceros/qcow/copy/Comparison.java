package dev.monoceros.qcow.copy;

/**
 * What a comparison found.
 *
 * @param outcome the first difference, if any
 * @param offset of it on the disks, in bytes, a multiple of 512
 * @param overhang the comparison got to the end of the shorter disk, and the other is longer
 */
public record Comparison(Outcome outcome, long offset, boolean overhang) {
  /** How two disks differ. */
  public enum Outcome {
    /** Not at all, but perhaps in zeros at the end. */
    IDENTICAL,
    CONTENT,
    /** Strict only: the same bytes may be stored in different ways. */
    STATUS,
    /** Strict only. */
    SIZE
  }

  /** True if nothing was found that counts. */
  public boolean identical() {
    return outcome == Outcome.IDENTICAL;
  }
}

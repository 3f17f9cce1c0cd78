package dev.monoceros.qcow;

/** Told how far a long operation has come. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (done, total) -> {};

  /** {@code done} of {@code total}, in bytes or any unit that stays the same. */
  void at(long done, long total);
}

package dev.monoceros.qcow;

import java.util.Optional;

/**
 * What {@code qemu-img amend -o} may change; what is empty stays as it is.
 *
 * @param version 2 or 3
 * @param size of the disk in bytes
 * @param backing the image below; a name of no characters takes it away
 */
public record AmendOptions(
    Optional<Integer> version,
    Optional<Long> size,
    Optional<BackingReference> backing,
    Optional<Boolean> lazyRefcounts,
    Optional<Integer> refcountBits,
    Optional<String> dataFile,
    Optional<Boolean> dataFileRaw) {
  /** Changes nothing. */
  public static final AmendOptions NOTHING =
      new AmendOptions(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
}

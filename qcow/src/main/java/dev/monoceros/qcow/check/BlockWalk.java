package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;

/** Counts the references from the refcount table to its blocks and looks at them. */
final class BlockWalk {
  private BlockWalk() {}

  /** True if the refcount structures cannot be mended in place. */
  static boolean walk(Examination exam, StoredRefcounts stored) throws CheckStopped {
    boolean rebuild = false;
    for (int i = 0; i < stored.tableLength(); i++) {
      long entry = stored.entry(i);
      if (entry != 0) {
        rebuild |= entry(exam, i, entry);
      }
    }
    return rebuild;
  }

  private static boolean entry(Examination exam, int index, long entry) throws CheckStopped {
    Geometry geometry = exam.layout().geometry();
    long offset = entry & ~EntryBits.REFCOUNT_TABLE_RESERVED;
    if (offset != entry) {
      exam.corruption("ERROR refcount table entry " + index + " has reserved bits set");
      return true;
    }
    if (!geometry.aligned(offset)) {
      exam.corruption(
          "ERROR refcount block %d is not cluster aligned; refcount table entry corrupted"
              .formatted(index));
      return true;
    }
    long cluster = offset >>> geometry.clusterBits();
    if (cluster >= exam.counted().counts().size()) {
      // QEMU makes the file long enough for it here. The block would be empty, so a new one is as
      // good, and the host file does not grow to whatever an entry claims.
      exam.corruption("%s refcount block %d is outside image".formatted(exam.fix().verb(), index));
      return exam.fix().errors();
    }
    exam.counted().add(offset, geometry.clusterSize());
    long references = exam.counted().counts().get(cluster);
    if (references != 1) {
      exam.corruption(
          "ERROR refcount block %d refcount=%s"
              .formatted(index, Long.toUnsignedString(references)));
      return true;
    }
    return false;
  }
}

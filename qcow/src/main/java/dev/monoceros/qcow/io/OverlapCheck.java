package dev.monoceros.qcow.io;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a write of guest data is held against before it is made; QEMU's {@code overlap-check}. Its
 * checks of inactive tables and of the bitmap directory are not there to be switched on.
 */
public enum OverlapCheck {
  MAIN_HEADER("main-header", "qcow2_header"),
  ACTIVE_L1("active-l1", "active L1 table"),
  ACTIVE_L2("active-l2", "active L2 table"),
  REFCOUNT_TABLE("refcount-table", "refcount table"),
  REFCOUNT_BLOCK("refcount-block", "refcount block"),
  SNAPSHOT_TABLE("snapshot-table", "snapshot table");

  private final String option;
  private final String metadata;

  OverlapCheck(String option, String metadata) {
    this.option = option;
    this.metadata = metadata;
  }

  /** QEMU's name of the option after {@code overlap-check.}. */
  public String option() {
    return option;
  }

  /** What QEMU calls the metadata in messages. */
  public String metadata() {
    return metadata;
  }

  /** The checks of one of QEMU's templates; empty if there is no such template. */
  public static Optional<Set<OverlapCheck>> template(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "none" -> EnumSet.noneOf(OverlapCheck.class);
          case "constant" -> EnumSet.of(MAIN_HEADER, ACTIVE_L1, REFCOUNT_TABLE, SNAPSHOT_TABLE);
          case "cached", "all" -> all();
          default -> null;
        });
  }

  public static Set<OverlapCheck> all() {
    return EnumSet.copyOf(Arrays.asList(values()));
  }
}

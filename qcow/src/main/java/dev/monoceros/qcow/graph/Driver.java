package dev.monoceros.qcow.graph;

import java.util.Arrays;
import java.util.Optional;

/** The drivers that are served, by QEMU's names. */
enum Driver {
  QCOW2("qcow2", Kind.FORMAT),
  QCOW("qcow", Kind.FORMAT),
  RAW("raw", Kind.FORMAT),
  FILE("file", Kind.PROTOCOL),
  HOST_DEVICE("host_device", Kind.PROTOCOL),
  NULL_CO("null-co", Kind.PROTOCOL),
  NULL_AIO("null-aio", Kind.PROTOCOL),
  BLKDEBUG("blkdebug", Kind.PROTOCOL),
  THROTTLE("throttle", Kind.FILTER),
  COPY_ON_READ("copy-on-read", Kind.FILTER),
  PREALLOCATE("preallocate", Kind.FILTER);

  /** What a driver makes of what is below it. */
  enum Kind {
    /** Takes a file name, not a child called {@code file}. */
    PROTOCOL,
    FORMAT,
    /** Leaves the contents as they are. */
    FILTER
  }

  private final String qemuName;
  private final Kind kind;

  Driver(String qemuName, Kind kind) {
    this.qemuName = qemuName;
    this.kind = kind;
  }

  static Optional<Driver> of(String qemuName) {
    return Arrays.stream(values()).filter(d -> d.qemuName.equals(qemuName)).findFirst();
  }

  String qemuName() {
    return qemuName;
  }

  Kind kind() {
    return kind;
  }

  boolean isProtocol() {
    return kind == Kind.PROTOCOL;
  }

  /** True if QEMU's driver is a filter even where it takes a file name. */
  boolean isFilter() {
    return kind == Kind.FILTER || this == BLKDEBUG;
  }

  /** True if nothing can be opened without a file name. */
  boolean needsFileName() {
    return this == FILE || this == HOST_DEVICE;
  }
}

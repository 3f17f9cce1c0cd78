package dev.monoceros.cli.io;

import java.util.Optional;

/**
 * QEMU's cache modes. Whether the host's page cache is used is accepted and has no effect.
 *
 * @param direct past the host's page cache
 * @param writethrough every write is flushed
 * @param noFlush a flush need not reach the disk
 */
record CacheMode(boolean direct, boolean writethrough, boolean noFlush) {
  /** What {@code qemu-io} does unless told otherwise. */
  static final CacheMode WRITETHROUGH = new CacheMode(false, true, false);

  /** {@code -n}. */
  static final CacheMode NONE = new CacheMode(true, false, false);

  /** By the name that {@code -t} takes; empty if there is none such. */
  static Optional<CacheMode> of(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "off", "none" -> NONE;
          case "directsync" -> new CacheMode(true, true, false);
          case "writeback" -> new CacheMode(false, false, false);
          case "unsafe" -> new CacheMode(false, false, true);
          case "writethrough" -> WRITETHROUGH;
          default -> null;
        });
  }
}

package dev.monoceros.qcow.cache;

import dev.monoceros.qcow.io.ImageFault;

/** An edge of the write-order graph: what a cache's dirty tables rely on. */
@FunctionalInterface
public interface Prerequisite {
  /** Tables that may be written at any moment. */
  Prerequisite NONE = () -> {};

  /** Returns once everything the dirty tables rely on is on disk and flushed. */
  void settle() throws ImageFault;
}

package dev.monoceros.virtio.rng;

import java.lang.foreign.MemorySegment;

/** Where an entropy device's bytes come from: an endless stream. */
@FunctionalInterface
public interface RngBackend {
  /** Fills {@code target} with the stream's next bytes. */
  void fill(MemorySegment target);
}

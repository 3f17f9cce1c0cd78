package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Unpacks a kernel's payload into memory. */
@FunctionalInterface
interface Decompressor {
  /**
   * Fills {@code target} exactly, never writing beyond it.
   *
   * @throws IOException if the payload is damaged, or unpacks to less or more
   */
  void decompress(MemorySegment payload, MemorySegment target) throws IOException;
}

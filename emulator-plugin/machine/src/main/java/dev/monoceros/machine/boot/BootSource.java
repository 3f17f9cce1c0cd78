package dev.monoceros.machine.boot;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Bytes of known length that can be read at any position: a kernel or an initrd. */
public interface BootSource {
  /** What to call it in messages: "kernel vmlinuz-6.1". */
  String name();

  /** Its length in bytes. */
  long size();

  /**
   * Fills {@code target} with the bytes from {@code position} on.
   *
   * @throws EOFException if there are not that many
   */
  void read(long position, MemorySegment target) throws IOException;

  /** A source in memory. */
  static BootSource of(String name, byte[] bytes) {
    return of(name, MemorySegment.ofArray(bytes));
  }

  /** A source in memory. */
  static BootSource of(String name, MemorySegment bytes) {
    return new MemorySource(name, bytes);
  }
}

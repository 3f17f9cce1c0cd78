package dev.monoceros.machine.boot;

import java.io.EOFException;
import java.lang.foreign.MemorySegment;

/** A boot source whose bytes are in memory already. */
record MemorySource(String name, MemorySegment bytes) implements BootSource {
  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public void read(long position, MemorySegment target) throws EOFException {
    if (position < 0 || position > size() - target.byteSize()) {
      throw new EOFException("it ends after %d bytes".formatted(size()));
    }
    target.copyFrom(bytes.asSlice(position, target.byteSize()));
  }
}

package dev.monoceros.tests.bench.l2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What the jobs run on: a mapping from disk to file, with or without a cache. */
interface Disk extends AutoCloseable {
  /** Fills {@code target}, a direct buffer. */
  void read(long offset, ByteBuffer target) throws IOException;

  /** Writes the remaining bytes of {@code source}. */
  void write(long offset, ByteBuffer source) throws IOException;

  /** What was written survives a power cut. */
  void flush() throws IOException;

  @Override
  void close() throws IOException;
}

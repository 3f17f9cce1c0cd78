package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The file under an image: positional access and nothing else. This is the seam at which tests
 * record, cut and fail writes; {@link HostFile} is the real one.
 *
 * <p>All offsets and sizes are in bytes and never negative. Implementations need not be safe for
 * several threads: the image above holds its lock.
 */
public interface ImageFile extends AutoCloseable {
  /** Name for messages. */
  Path path();

  /** The same as text; not every name of a file is a path. */
  default String name() {
    return path().toString();
  }

  /**
   * Told of what the image above is about to do. For testing: a file may fail accesses after it.
   */
  default void event(BlockEvent event) {}

  /** Current length. */
  long size() throws IOException;

  /**
   * Reads into the remaining bytes of {@code target} and advances its position.
   *
   * @return how many bytes were read, at least one unless none were asked for, or -1 at end of file
   */
  int read(ByteBuffer target, long position) throws IOException;

  /** Writes all remaining bytes of {@code source}, growing the file if need be. */
  void write(ByteBuffer source, long position) throws IOException;

  /** Cuts the file back to {@code size}; a shorter file is left as it is. */
  void truncate(long size) throws IOException;

  /** Returns once everything written so far survives a power cut. */
  void force() throws IOException;

  @Override
  void close() throws IOException;
}

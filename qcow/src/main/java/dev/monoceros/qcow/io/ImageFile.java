package dev.monoceros.qcow.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
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

  /**
   * Reads into memory outside the heap, as {@link #read(ByteBuffer, long)} does; for small reads
   * again and again into the same places, where a host file has a shorter way.
   */
  default int read(MemorySegment target, long position) throws IOException {
    return read(target.asByteBuffer(), position);
  }

  /**
   * Reads the next {@code length} bytes of a vector with one call, if this file has such a call;
   * does not advance the vector.
   *
   * @return how many bytes were read, not positive if none: then the pieces are to be read one by
   *     one, which also tells what is wrong
   */
  default long read(IoVector target, long length, long position) {
    return -1;
  }

  /** Writes the next {@code length} bytes of a vector as {@link #read(IoVector, long, long)}. */
  default long write(IoVector source, long length, long position) {
    return -1;
  }

  /** Writes all remaining bytes of {@code source}, growing the file if need be. */
  void write(ByteBuffer source, long position) throws IOException;

  /**
   * Makes the file at least {@code size} bytes long; what is new reads as zero.
   *
   * @param size beyond the current length
   */
  default void extend(long size) throws IOException {
    write(ByteBuffer.allocate(1), size - 1);
  }

  /**
   * Gives the host's blocks of a range within the file back; it then reads as zero.
   *
   * @return false if this host cannot: then nothing has happened
   */
  default boolean punchHole(long position, long length) throws IOException {
    return false;
  }

  /**
   * Makes a range within the file read as zero without a transfer, its blocks kept.
   *
   * @return false if this host cannot: then nothing has happened
   */
  default boolean zeroRange(long position, long length) throws IOException {
    return false;
  }

  /**
   * Takes blocks of the host for a range, so that writing it cannot run out of space; the file
   * grows to its end. Contents stay, new ones are zero.
   *
   * @return false if this host cannot: then nothing has happened
   */
  default boolean allocate(long position, long length) throws IOException {
    return false;
  }

  /**
   * Position of the first byte from {@code position} on that the host stores, or the length of the
   * file if none follows. A host that does not tell has data everywhere.
   */
  default long nextData(long position) throws IOException {
    return Math.min(position, size());
  }

  /**
   * Position of the first byte from {@code position} on that is in a hole, or the length of the
   * file if none follows.
   */
  default long nextHole(long position) throws IOException {
    return size();
  }

  /** Bytes the file takes on the host, or -1 if the host does not tell. */
  default long allocatedBytes() throws IOException {
    return -1;
  }

  /** True if holes can be made and found: the host's own calls are there. */
  default boolean knowsHoles() {
    return false;
  }

  /** True if nothing that is written is kept: no part of the file is stored anywhere. */
  default boolean keepsNothing() {
    return false;
  }

  /**
   * Called before the file is made longer or shorter because its user asks for it.
   *
   * @throws IOException with QEMU's sentence, if the file has the one size it has
   */
  default void requireResizable() throws IOException {}

  /** Cuts the file back to {@code size}; a shorter file is left as it is. */
  void truncate(long size) throws IOException;

  /** Returns once everything written so far survives a power cut. */
  void force() throws IOException;

  @Override
  void close() throws IOException;
}

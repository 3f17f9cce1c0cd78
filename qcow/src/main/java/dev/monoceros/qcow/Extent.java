package dev.monoceros.qcow;

import java.util.Optional;

/**
 * A stretch of the disk that is stored in one way; QEMU's block status.
 *
 * @param offset of its first byte on the disk
 * @param length in bytes, at least 1
 * @param depth 0 if this image says what is there, 1 if its backing file does, and so on
 * @param allocated true if the image at {@code depth} says what is there, be it zeros; false if no
 *     image of the chain does
 * @param data true if bytes of a file are read; they may be known to be zero
 * @param zero true if it is known to read as zero
 * @param compressed true if the bytes are stored compressed
 * @param fileOffset of the first byte in {@code file}; {@link #NO_OFFSET} if there is no one place
 * @param file name of the file that {@code fileOffset} counts in
 */
public record Extent(
    long offset,
    long length,
    int depth,
    boolean allocated,
    boolean data,
    boolean zero,
    boolean compressed,
    long fileOffset,
    Optional<String> file) {
  /** {@link #fileOffset()} of what has no place in a file. */
  public static final long NO_OFFSET = -1;

  /** First byte after it on the disk. */
  public long end() {
    return offset + length;
  }
}

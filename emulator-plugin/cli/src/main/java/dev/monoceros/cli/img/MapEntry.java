package dev.monoceros.cli.img;

import dev.monoceros.qcow.Extent;
import java.util.Optional;

/**
 * A line of {@code map}: neighbours that are stored alike are one entry.
 *
 * @param offset in {@code file}, or {@link Extent#NO_OFFSET}
 */
record MapEntry(
    long start,
    long length,
    int depth,
    boolean present,
    boolean zero,
    boolean data,
    long offset,
    Optional<String> file) {
  /** Nothing, where the walk begins. */
  static MapEntry none(long start) {
    return new MapEntry(start, 0, 0, false, false, false, Extent.NO_OFFSET, Optional.empty());
  }

  static MapEntry of(Extent e) {
    boolean placed = e.fileOffset() != Extent.NO_OFFSET;
    return new MapEntry(
        e.offset(),
        e.length(),
        e.depth(),
        e.allocated(),
        e.zero(),
        e.data(),
        e.fileOffset(),
        placed ? e.file() : Optional.empty());
  }

  long end() {
    return start + length;
  }

  boolean placed() {
    return offset != Extent.NO_OFFSET;
  }

  MapEntry longer(long more) {
    return new MapEntry(start, length + more, depth, present, zero, data, offset, file);
  }

  /** The same as a hole, for a form that knows data and nothing else. */
  MapEntry asHole() {
    return new MapEntry(start, length, depth, present, true, false, offset, file);
  }

  boolean continuedBy(MapEntry next) {
    return length > 0
        && zero == next.zero
        && data == next.data
        && present == next.present
        && depth == next.depth
        && placed() == next.placed()
        && file.equals(next.file)
        && (!placed() || offset + length == next.offset);
  }
}

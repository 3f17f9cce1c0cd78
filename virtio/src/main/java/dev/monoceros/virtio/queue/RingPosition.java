package dev.monoceros.virtio.queue;

/** A place in a packed ring with the wrap counter that belongs to it (2.8.1). */
final class RingPosition {
  private final int size;
  private int offset;
  private boolean wrap = true;

  RingPosition(int size) {
    this.size = size;
  }

  /** Index of the descriptor, 0 to size - 1. */
  int offset() {
    return offset;
  }

  /** The wrap counter, 1 at first. */
  boolean wrap() {
    return wrap;
  }

  /** Moves on by at most a whole ring. */
  void advance(int descriptors) {
    offset += descriptors;
    if (offset >= size) {
      offset -= size;
      wrap = !wrap;
    }
  }

  void copyFrom(RingPosition other) {
    offset = other.offset;
    wrap = other.wrap;
  }
}

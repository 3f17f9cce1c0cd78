package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.RefcountCodec;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** A refcount block of the structure being made, in memory. */
final class RefcountBlock {
  private static final long NOWHERE = 0;

  private final RefcountCodec codec;
  private final ByteBuffer bytes;
  private final BitSet freed = new BitSet();
  private long offset;
  private boolean changed;

  /**
   * @param offset where the file holds exactly these bytes, or 0
   */
  RefcountBlock(RefcountCodec codec, ByteBuffer bytes, long offset) {
    this.codec = codec;
    this.bytes = bytes;
    this.offset = offset;
    this.changed = offset == NOWHERE;
  }

  long get(int index) {
    return codec.get(bytes, index);
  }

  void set(int index, long value) {
    if (value == 0 && get(index) != 0) {
      freed.set(index);
    }
    codec.set(bytes, index, value);
    changed = true;
  }

  /** Nothing used it before, and nothing is to use it. */
  boolean free(int index) {
    return get(index) == 0 && !freed.get(index);
  }

  /** The first cluster from {@code index} on that this change freed, or -1. */
  int nextFreed(int index) {
    int at = freed.nextSetBit(index);
    while (at >= 0 && get(at) != 0) {
      at = freed.nextSetBit(at + 1);
    }
    return at;
  }

  boolean empty() {
    for (int i = 0; i < bytes.capacity(); i += Long.BYTES) {
      if (bytes.getLong(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Gives the block up where the file holds its old bytes; returns where that is, or 0. */
  long leave() {
    long old = offset;
    offset = NOWHERE;
    return old;
  }

  void settle(long place) {
    offset = place;
  }

  boolean changed() {
    return changed;
  }

  long offset() {
    return offset;
  }

  ByteBuffer bytes() {
    return bytes.duplicate().clear();
  }
}

package dev.monoceros.machine.block;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Native memory in chunks of one size. It is taken from the host a slab at a time, and given back
 * when all chunks of a slab are free; one empty slab is kept, so that a guest which writes and
 * discards in turns does not make the host do so.
 */
final class ChunkPool implements AutoCloseable {
  private static final int SLAB_BYTES = 1 << 20;

  private final int chunkSize;
  private final List<Slab> slabs = new ArrayList<>();
  private final Set<Slab> withFree = new LinkedHashSet<>();
  private Slab empty;
  private long held;
  private boolean hostFull;

  /**
   * @param chunkSize bytes, a power of two up to 1 MiB
   */
  ChunkPool(int chunkSize) {
    this.chunkSize = chunkSize;
  }

  /**
   * A chunk of undefined contents.
   *
   * @throws IOException if the host has no memory left
   */
  Chunk take() throws IOException {
    if (withFree.isEmpty()) {
      addSlab();
    }
    Slab slab = withFree.iterator().next();
    if (slab == empty) {
      empty = null;
    }
    Chunk chunk = slab.free.pop();
    if (slab.free.isEmpty()) {
      withFree.remove(slab);
    }
    held += chunkSize;
    return chunk;
  }

  void giveBack(Chunk chunk) {
    Slab slab = chunk.slab();
    slab.free.push(chunk);
    withFree.add(slab);
    held -= chunkSize;
    hostFull = false;
    if (slab.free.size() == SLAB_BYTES / chunkSize) {
      drop(empty);
      empty = slab;
    }
  }

  private void drop(Slab slab) {
    if (slab != null) {
      withFree.remove(slab);
      slabs.remove(slab);
      slab.arena.close();
    }
  }

  /** The JDK looks long for memory that is not there, so it is asked once. */
  private void addSlab() throws IOException {
    if (!hostFull) {
      Arena arena = Arena.ofShared();
      try {
        Slab slab = new Slab(arena, arena.allocate(SLAB_BYTES, chunkSize), chunkSize);
        slabs.add(slab);
        withFree.add(slab);
        return;
      } catch (OutOfMemoryError e) {
        arena.close();
        hostFull = true;
      }
    }
    throw new IOException(
        "the host has no memory left for what is written to the disk (" + held + " bytes so far)");
  }

  /** Bytes of chunks in use. */
  long heldBytes() {
    return held;
  }

  /** Bytes taken from the host. */
  long hostBytes() {
    return (long) slabs.size() * SLAB_BYTES;
  }

  @Override
  public void close() {
    slabs.forEach(slab -> slab.arena.close());
    slabs.clear();
    withFree.clear();
  }

  /** A piece of memory; none of its own stands for zeros. */
  record Chunk(Slab slab, MemorySegment bytes) {
    /** Reads as zero and holds no memory. */
    static final Chunk ZERO = new Chunk(null, null);

    boolean isZero() {
      return bytes == null;
    }
  }

  /** What the host gave at once. */
  static final class Slab {
    private final Arena arena;
    private final Deque<Chunk> free = new ArrayDeque<>();

    Slab(Arena arena, MemorySegment bytes, int chunkSize) {
      this.arena = arena;
      for (long at = 0; at < bytes.byteSize(); at += chunkSize) {
        free.add(new Chunk(this, bytes.asSlice(at, chunkSize)));
      }
    }
  }
}

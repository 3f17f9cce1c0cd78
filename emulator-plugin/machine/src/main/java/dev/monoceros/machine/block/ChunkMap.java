package dev.monoceros.machine.block;

import dev.monoceros.machine.block.ChunkPool.Chunk;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** Which chunks of a disk are in memory, found through leaves of 4096 places each. */
final class ChunkMap implements AutoCloseable {
  private static final int LEAF_BITS = 12;
  private static final int LEAF_PLACES = 1 << LEAF_BITS;

  /** What a leaf counts for in the limit: its places. */
  private static final int LEAF_BYTES = LEAF_PLACES * Long.BYTES;

  private final int chunkSize;
  private final int chunkBits;
  private final long limit;
  private final ChunkPool pool;
  private final Map<Long, Chunk[]> leaves = new HashMap<>();
  private long lastNumber = -1;
  private Chunk[] lastLeaf;

  /**
   * @param chunkSize bytes, a power of two
   * @param limit the most bytes that chunks and leaves may take
   */
  ChunkMap(int chunkSize, long limit) {
    this.chunkSize = chunkSize;
    this.chunkBits = Integer.numberOfTrailingZeros(chunkSize);
    this.limit = limit;
    this.pool = new ChunkPool(chunkSize);
  }

  int chunkSize() {
    return chunkSize;
  }

  /** What holds {@code offset}: a chunk with memory, one of zeros, or null. */
  Chunk get(long offset) {
    Chunk[] leaf = leaf(leafNumber(offset));
    return leaf == null ? null : leaf[place(offset)];
  }

  /**
   * Puts a chunk of undefined contents at {@code offset}, where there is none with memory.
   *
   * @throws IOException if the limit is reached or the host has no memory
   */
  Chunk add(long offset) throws IOException {
    requireRoom(chunkSize);
    Chunk[] leaf = leafForWriting(offset);
    Chunk chunk = pool.take();
    leaf[place(offset)] = chunk;
    return chunk;
  }

  /**
   * From now on the chunk at {@code offset} reads as zero.
   *
   * @throws IOException if the limit is reached
   */
  void zero(long offset) throws IOException {
    Chunk[] leaf = leafForWriting(offset);
    Chunk old = leaf[place(offset)];
    leaf[place(offset)] = Chunk.ZERO;
    giveBack(old);
  }

  /** There is nothing at {@code offset} any more. */
  void remove(long offset) {
    Chunk[] leaf = leaf(leafNumber(offset));
    if (leaf != null) {
      Chunk old = leaf[place(offset)];
      leaf[place(offset)] = null;
      giveBack(old);
    }
  }

  /** There is nothing from {@code end}, a multiple of the chunk size, on. */
  void removeFrom(long end) {
    Iterator<Map.Entry<Long, Chunk[]>> all = leaves.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Long, Chunk[]> entry = all.next();
      long start = entry.getKey() << (chunkBits + LEAF_BITS);
      int first = (int) Math.clamp((end - start) >> chunkBits, 0L, (long) LEAF_PLACES);
      Chunk[] leaf = entry.getValue();
      for (int i = first; i < LEAF_PLACES; i++) {
        giveBack(leaf[i]);
        leaf[i] = null;
      }
      if (first == 0) {
        all.remove();
      }
    }
    lastNumber = -1;
  }

  private void giveBack(Chunk chunk) {
    if (chunk != null && !chunk.isZero()) {
      pool.giveBack(chunk);
    }
  }

  private Chunk[] leafForWriting(long offset) throws IOException {
    long number = leafNumber(offset);
    Chunk[] leaf = leaf(number);
    if (leaf == null) {
      requireRoom(LEAF_BYTES);
      leaf = new Chunk[LEAF_PLACES];
      leaves.put(number, leaf);
      lastLeaf = leaf;
    }
    return leaf;
  }

  private void requireRoom(long bytes) throws IOException {
    if (heldBytes() + (long) leaves.size() * LEAF_BYTES > limit - bytes) {
      throw new IOException(
          "the snapshot holds " + limit + " bytes of changes in memory, which is its limit");
    }
  }

  /** The map boxes its keys, so the leaf of the last access is kept at hand. */
  private Chunk[] leaf(long number) {
    if (number != lastNumber) {
      lastLeaf = leaves.get(number);
      lastNumber = number;
    }
    return lastLeaf;
  }

  private long leafNumber(long offset) {
    return offset >>> (chunkBits + LEAF_BITS);
  }

  private int place(long offset) {
    return (int) (offset >>> chunkBits) & (LEAF_PLACES - 1);
  }

  /** Bytes of chunks with memory. */
  long heldBytes() {
    return pool.heldBytes();
  }

  /** Bytes taken from the host for chunks. */
  long hostBytes() {
    return pool.hostBytes();
  }

  @Override
  public void close() {
    leaves.clear();
    lastNumber = -1;
    pool.close();
  }
}

package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.RefcountCodec;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The refcounts that the image holds, section "Host cluster management", however wrong: a block
 * that is missing counts as zeros, as does what lies beyond the end of the file.
 */
final class StoredRefcounts {
  private static final int CHUNK_ENTRIES = 8192;

  /** Bytes of refcount blocks kept in memory, and how many at least and at most. */
  private static final int CACHE_BYTES = 8 << 20;

  private static final int MIN_BLOCKS = 4;
  private static final int MAX_BLOCKS = 1024;

  private final OrderedFile file;
  private final Geometry geometry;
  private final RefcountCodec codec;
  private final int capacity;
  private final LinkedHashMap<Long, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>();
  private long[] table = {};
  private boolean signaled;

  private static final class Block {
    private final ByteBuffer bytes;
    private boolean dirty;

    Block(ByteBuffer bytes) {
      this.bytes = bytes;
    }
  }

  StoredRefcounts(OrderedFile file, Layout layout) throws ImageFault {
    this.file = file;
    this.geometry = layout.geometry();
    this.codec = new RefcountCodec(geometry.refcountOrder());
    this.capacity = Math.clamp(CACHE_BYTES / geometry.clusterSize(), MIN_BLOCKS, MAX_BLOCKS);
    load(layout.refcountTableOffset(), layout.refcountTableClusters());
  }

  /** Takes another refcount table; nothing of the old one may be unwritten. */
  void load(long offset, int clusters) throws ImageFault {
    blocks.clear();
    spare.clear();
    long inFile = Math.max(0, geometry.roundUp(file.size()) - offset) / TableEntry.BYTES;
    int entries = (int) Math.min((long) clusters * geometry.entriesPerCluster(), inFile);
    table = new long[entries];
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(entries, CHUNK_ENTRIES) * TableEntry.BYTES);
    for (int at = 0; at < entries; at += CHUNK_ENTRIES) {
      int count = Math.min(CHUNK_ENTRIES, entries - at);
      chunk.clear().limit(count * TableEntry.BYTES);
      file.read(chunk, offset + (long) at * TableEntry.BYTES);
      chunk.flip().asLongBuffer().get(table, at, count);
    }
  }

  /** Entries of the refcount table, as far as the file has them; all others are 0. */
  int tableLength() {
    return table.length;
  }

  long entry(int index) {
    return table[index];
  }

  /** First cluster that the block of {@code cluster} does not count. */
  long blockEnd(long cluster) {
    long per = geometry.refcountsPerBlock();
    return (cluster / per + 1) * per;
  }

  /** Offset of the block that counts {@code cluster}, or 0. */
  long blockOf(long cluster) {
    long index = cluster / geometry.refcountsPerBlock();
    return index < table.length ? table[(int) index] & ~EntryBits.REFCOUNT_TABLE_RESERVED : 0;
  }

  /** True if {@link #get} may be asked; says why not, but once only. */
  boolean readable(long cluster, Examination exam) {
    long offset = blockOf(cluster);
    if (!geometry.aligned(offset) && !signaled) {
      signaled = true;
      exam.say(
          Overlaps.signal(
              "Refblock offset %s unaligned (reftable index: %s)"
                  .formatted(
                      Messages.alternate(offset),
                      Messages.alternate(cluster / geometry.refcountsPerBlock())),
              exam.fix()));
    }
    return offset >= 0 && offset <= References.MAX_OFFSET && geometry.aligned(offset);
  }

  long get(long cluster) throws ImageFault {
    long offset = blockOf(cluster);
    return offset == 0 ? 0 : codec.get(block(offset).bytes, index(cluster));
  }

  /** Changes a refcount in memory; its block exists. */
  void set(long cluster, long value) throws ImageFault {
    Block block = block(blockOf(cluster));
    codec.set(block.bytes, index(cluster), value);
    block.dirty = true;
  }

  private int index(long cluster) {
    return (int) (cluster % geometry.refcountsPerBlock());
  }

  private Block block(long offset) throws ImageFault {
    Block block = blocks.get(offset);
    if (block != null) {
      return block;
    }
    if (blocks.size() >= capacity) {
      Map.Entry<Long, Block> eldest = blocks.entrySet().iterator().next();
      write(eldest.getKey(), eldest.getValue());
      blocks.remove(eldest.getKey());
      spare.push(eldest.getValue().bytes);
    }
    ByteBuffer bytes = spare.isEmpty() ? ByteBuffer.allocate(geometry.clusterSize()) : spare.pop();
    file.read(bytes.clear(), offset);
    block = new Block(bytes);
    blocks.put(offset, block);
    return block;
  }

  private void write(long offset, Block block) throws ImageFault {
    if (block.dirty) {
      file.write(block.bytes.duplicate().clear(), offset);
      block.dirty = false;
    }
  }

  /** Writes what was changed. */
  void flush() throws ImageFault {
    for (Map.Entry<Long, Block> entry : blocks.entrySet()) {
      write(entry.getKey(), entry.getValue());
    }
    file.barrier();
  }
}

package dev.monoceros.cli.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the contents of an inode: by extents (ext4: "Extent Tree") or by direct and indirect blocks
 * (ext2 and ext3: "Direct/Indirect Block Addressing"). Holes read as zero.
 */
final class Ext4Blocks {
  private static final int EXTENT_MAGIC = 0xf30a;
  private static final int ENTRIES = 2;
  private static final int DEPTH = 6;
  private static final int HEADER_SIZE = 12;
  private static final int ENTRY_SIZE = 12;
  private static final int FIRST_BLOCK = 0;
  private static final int LEAF_LENGTH = 4;
  private static final int LEAF_START_HI = 6;
  private static final int LEAF_START_LO = 8;
  private static final int INDEX_LEAF_LO = 4;
  private static final int INDEX_LEAF_HI = 8;
  private static final int DEEPEST = 5;

  /** Longer lengths mark blocks that were reserved but never written. */
  private static final int LONGEST_WRITTEN = 0x8000;

  /** Enough for a file of one-block pieces; a bound against trees that share their nodes. */
  private static final int MOST_NODES = 4096;

  private static final int DIRECT = 12;

  private final DiskReader partition;
  private final int blockSize;
  private final Ext4Inode inode;
  private final ByteBuffer contents;
  private int nodes;
  private long covered;

  private Ext4Blocks(DiskReader partition, int blockSize, Ext4Inode inode, int size) {
    this.partition = partition;
    this.blockSize = blockSize;
    this.inode = inode;
    this.contents = ByteBuffer.allocate(size);
  }

  /**
   * All bytes of a file.
   *
   * @param most refuse larger ones
   */
  static byte[] read(DiskReader partition, int blockSize, Ext4Inode inode, int most)
      throws IOException {
    if (inode.size() > most) {
      throw new DiskFormatException(
          "inode %d has %d bytes, more than the %d that are read"
              .formatted(inode.number(), inode.size(), most));
    }
    if (inode.isEncrypted()) {
      throw new DiskFormatException("inode " + inode.number() + " is encrypted");
    }
    Ext4Blocks blocks = new Ext4Blocks(partition, blockSize, inode, (int) inode.size());
    if (inode.hasInlineData()) {
      blocks.inline();
    } else if (inode.usesExtents()) {
      blocks.extents(inode.block(), Ext4Inode.BLOCK_SIZE, DEEPEST);
    } else {
      blocks.indirect();
    }
    return blocks.contents.array();
  }

  private void inline() throws DiskFormatException {
    if (inode.size() > Ext4Inode.BLOCK_SIZE) {
      throw broken("keeps more in its inode than is read");
    }
    contents.put(0, inode.block().array(), 0, (int) inode.size());
  }

  private void extents(LittleEndianBytes node, int nodeSize, int deepest) throws IOException {
    int entries = node.u16(ENTRIES);
    int depth = node.u16(DEPTH);
    if (node.u16(0) != EXTENT_MAGIC
        || ++nodes > MOST_NODES
        || depth > deepest
        || entries > (nodeSize - HEADER_SIZE) / ENTRY_SIZE) {
      throw broken("has a broken extent tree");
    }
    for (int i = 0; i < entries; i++) {
      int at = HEADER_SIZE + i * ENTRY_SIZE;
      if (depth == 0) {
        leaf(node, at);
      } else {
        long child = (long) node.u16(at + INDEX_LEAF_HI) << 32 | node.u32(at + INDEX_LEAF_LO);
        // One level less each time, so a circle ends.
        extents(block(child), blockSize, depth - 1);
      }
    }
  }

  private void leaf(LittleEndianBytes node, int at) throws IOException {
    int length = node.u16(at + LEAF_LENGTH);
    long first = node.u32(at + FIRST_BLOCK);
    if (first < covered) {
      throw broken("has extents out of order");
    }
    if (length > LONGEST_WRITTEN) {
      covered = first + length - LONGEST_WRITTEN;
      return;
    }
    covered = first + length;
    long start = (long) node.u16(at + LEAF_START_HI) << 32 | node.u32(at + LEAF_START_LO);
    copy(first, start, length);
  }

  private void indirect() throws IOException {
    long next = 0;
    for (int i = 0; i < DIRECT; i++) {
      next = pointer(inode.block().u32(i * Integer.BYTES), next, 0);
    }
    for (int level = 1; level <= 3; level++) {
      next = pointer(inode.block().u32((DIRECT + level - 1) * Integer.BYTES), next, level);
    }
  }

  /** Follows one block number; returns the file's block after all that it covers. */
  private long pointer(long block, long logical, int level) throws IOException {
    if (logical * blockSize >= contents.capacity()) {
      return logical;
    }
    int perBlock = blockSize / Integer.BYTES;
    long span = 1;
    for (int i = 0; i < level; i++) {
      span *= perBlock;
    }
    if (block == 0) {
      return logical + span;
    }
    if (level == 0) {
      copy(logical, block, 1);
      return logical + 1;
    }
    LittleEndianBytes table = block(block);
    long next = logical;
    for (int i = 0; i < perBlock; i++) {
      next = pointer(table.u32(i * Integer.BYTES), next, level - 1);
    }
    return next;
  }

  private LittleEndianBytes block(long number) throws IOException {
    return partition.read(byteOffset(number), blockSize);
  }

  private long byteOffset(long block) throws DiskFormatException {
    if (block >= partition.size() / blockSize) {
      throw broken("points to block " + block + " outside the partition");
    }
    return block * blockSize;
  }

  private void copy(long logical, long physical, int count) throws IOException {
    long at = logical * blockSize;
    if (at >= contents.capacity() || count == 0) {
      return;
    }
    int length = (int) Math.min((long) count * blockSize, contents.capacity() - at);
    partition.read(byteOffset(physical), contents.slice((int) at, length));
  }

  private DiskFormatException broken(String what) {
    return new DiskFormatException("inode " + inode.number() + " " + what);
  }
}

package dev.monoceros.images.ext4;

import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a file's content by its extent tree or its block map (ifork.rst). Holes read as zeroes. The
 * number of tree nodes read is bounded by what a file of that size can need, so a tree that loops
 * ends with an error.
 */
final class FileBlocks {
  private static final short EXTENT_MAGIC = (short) 0xF30A;
  private static final int EXTENT_ENTRY_BYTES = 12;
  private static final int MAX_DEPTH = 5;
  private static final int MAX_INITIALISED = 32768;
  private static final int DIRECT_BLOCKS = 12;
  private static final int INDIRECT_LEVELS = 3;

  private final DiskSource disk;
  private final Superblock superblock;
  private final byte[] content;
  private long nodesLeft;
  private long bytesLeft;

  private FileBlocks(DiskSource disk, Superblock superblock, int size) {
    this.disk = disk;
    this.superblock = superblock;
    this.content = new byte[size];
    this.nodesLeft = 16 + size / superblock.blockBytes();
    this.bytesLeft = size;
  }

  /** The whole content. The caller has checked that the size is reasonable. */
  static byte[] read(DiskSource disk, Superblock superblock, Inode inode) throws IOException {
    FileBlocks file = new FileBlocks(disk, superblock, Math.toIntExact(inode.size()));
    if (inode.isFastSymlink()) {
      System.arraycopy(inode.block(), 0, file.content, 0, file.content.length);
    } else if (inode.usesExtents()) {
      file.readExtents(inode.blockBuffer(), MAX_DEPTH);
    } else {
      file.readBlockMap(inode.blockBuffer());
    }
    return file.content;
  }

  private void readExtents(ByteBuffer node, int maxDepth) throws IOException {
    int entries = Short.toUnsignedInt(node.getShort(2));
    int depth = Short.toUnsignedInt(node.getShort(6));
    boolean fits = (entries + 1) * EXTENT_ENTRY_BYTES <= node.limit();
    if (node.getShort(0) != EXTENT_MAGIC || depth > maxDepth || !fits) {
      throw new Ext4FormatException("a damaged extent tree");
    }
    for (int i = 1; i <= entries; i++) {
      int at = i * EXTENT_ENTRY_BYTES;
      if (depth == 0) {
        readExtent(node, at);
      } else {
        long child =
            Integer.toUnsignedLong(node.getInt(at + 4)) | (node.getShort(at + 8) & 0xFFFFL) << 32;
        readExtents(block(child), depth - 1);
      }
    }
  }

  private void readExtent(ByteBuffer node, int at) throws IOException {
    long logical = Integer.toUnsignedLong(node.getInt(at));
    int length = Short.toUnsignedInt(node.getShort(at + 4));
    long physical =
        Integer.toUnsignedLong(node.getInt(at + 8)) | (node.getShort(at + 6) & 0xFFFFL) << 32;
    // A length above 32768 marks an extent that is allocated but not yet written: it reads as
    // zeroes.
    if (length <= MAX_INITIALISED) {
      copy(logical, physical, length);
    }
  }

  private void readBlockMap(ByteBuffer map) throws IOException {
    for (int i = 0; i < DIRECT_BLOCKS; i++) {
      copyMapped(i, map.getInt(i * 4));
    }
    long first = DIRECT_BLOCKS;
    long span = superblock.blockBytes() / 4;
    for (int level = 1; level <= INDIRECT_LEVELS; level++) {
      readIndirect(map.getInt((DIRECT_BLOCKS + level - 1) * 4), level, first);
      first += span;
      span *= superblock.blockBytes() / 4;
    }
  }

  private void readIndirect(int pointer, int level, long first) throws IOException {
    if (pointer == 0 || first * superblock.blockBytes() >= content.length) {
      return;
    }
    ByteBuffer table = block(Integer.toUnsignedLong(pointer));
    long span = 1;
    for (int i = 1; i < level; i++) {
      span *= superblock.blockBytes() / 4;
    }
    for (int i = 0; i < superblock.blockBytes() / 4; i++) {
      long logical = first + i * span;
      if (level == 1) {
        copyMapped(logical, table.getInt(i * 4));
      } else {
        readIndirect(table.getInt(i * 4), level - 1, logical);
      }
    }
  }

  private void copyMapped(long logical, int physical) throws IOException {
    if (physical != 0) {
      copy(logical, Integer.toUnsignedLong(physical), 1);
    }
  }

  private void copy(long logical, long physical, int blocks) throws IOException {
    long start = logical * superblock.blockBytes();
    if (start >= content.length) {
      return;
    }
    if (physical == 0 || physical + blocks > superblock.blocks()) {
      throw new Ext4FormatException("a file outside the file system");
    }
    int length = (int) Math.min((long) blocks * superblock.blockBytes(), content.length - start);
    // Extents do not overlap, so together they are no longer than the file.
    bytesLeft -= length;
    if (bytesLeft < 0) {
      throw new Ext4FormatException("overlapping extents");
    }
    disk.read(physical * superblock.blockBytes(), ByteBuffer.wrap(content, (int) start, length));
  }

  private ByteBuffer block(long number) throws IOException {
    if (nodesLeft-- <= 0 || number == 0 || number >= superblock.blocks()) {
      throw new Ext4FormatException("a damaged block tree");
    }
    ByteBuffer block = ByteBuffer.allocate(superblock.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
    disk.read(number * superblock.blockBytes(), block);
    return block.flip();
  }
}

package dev.monoceros.images.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One inode (inodes.rst): type, size and the 60 bytes that hold a block map, an extent tree's root,
 * or a short link's target.
 *
 * @param mode file type and permissions
 * @param size in bytes, not negative
 * @param flags EXT4_*_FL
 * @param block the raw i_block
 */
record Inode(int mode, long size, int flags, byte[] block) {
  static final int BLOCK_BYTES = 60;
  private static final int MODE_OFFSET = 0x00;
  private static final int SIZE_LO_OFFSET = 0x04;
  private static final int FLAGS_OFFSET = 0x20;
  private static final int BLOCK_OFFSET = 0x28;
  private static final int SIZE_HIGH_OFFSET = 0x6C;
  private static final int TYPE_MASK = 0xF000;
  private static final int TYPE_DIRECTORY = 0x4000;
  private static final int TYPE_REGULAR = 0x8000;
  private static final int TYPE_SYMLINK = 0xA000;
  private static final int FLAG_ENCRYPTED = 0x800;
  private static final int FLAG_EXTENTS = 0x80000;

  static Inode parse(ByteBuffer raw) throws Ext4FormatException {
    byte[] block = new byte[BLOCK_BYTES];
    raw.get(BLOCK_OFFSET, block);
    int mode = Short.toUnsignedInt(raw.getShort(MODE_OFFSET));
    int flags = raw.getInt(FLAGS_OFFSET);
    long high =
        (mode & TYPE_MASK) == TYPE_REGULAR
            ? Integer.toUnsignedLong(raw.getInt(SIZE_HIGH_OFFSET))
            : 0;
    long size = high << 32 | Integer.toUnsignedLong(raw.getInt(SIZE_LO_OFFSET));
    if (size < 0) {
      throw new Ext4FormatException("a file of senseless size");
    }
    if ((flags & FLAG_ENCRYPTED) != 0) {
      throw new Ext4FormatException("an encrypted file");
    }
    return new Inode(mode, size, flags, block);
  }

  boolean isDirectory() {
    return (mode & TYPE_MASK) == TYPE_DIRECTORY;
  }

  boolean isRegular() {
    return (mode & TYPE_MASK) == TYPE_REGULAR;
  }

  boolean isSymlink() {
    return (mode & TYPE_MASK) == TYPE_SYMLINK;
  }

  boolean usesExtents() {
    return (flags & FLAG_EXTENTS) != 0;
  }

  /** Whether the content is in i_block itself: the target of a link shorter than 60 bytes. */
  boolean isFastSymlink() {
    return isSymlink() && size < BLOCK_BYTES && !usesExtents();
  }

  ByteBuffer blockBuffer() {
    return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
  }
}

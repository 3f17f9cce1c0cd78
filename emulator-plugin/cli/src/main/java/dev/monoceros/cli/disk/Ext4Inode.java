package dev.monoceros.cli.disk;

/**
 * An inode (ext4: dynamic structures, "Index Nodes").
 *
 * @param number which
 * @param mode type and permissions
 * @param size bytes of the file
 * @param flags EXT4_*_FL
 * @param block the 60 bytes of i_block: an extent tree's root, block numbers, or a short link
 */
record Ext4Inode(long number, int mode, long size, long flags, LittleEndianBytes block) {
  static final long ROOT = 2;

  /** Bytes of i_block. */
  static final int BLOCK_SIZE = 60;

  private static final int MODE = 0x00;
  private static final int SIZE_LO = 0x04;
  private static final int FLAGS = 0x20;
  private static final int BLOCK = 0x28;
  private static final int SIZE_HIGH = 0x6c;

  private static final int TYPE_MASK = 0xf000;
  private static final int TYPE_DIRECTORY = 0x4000;
  private static final int TYPE_FILE = 0x8000;
  private static final int TYPE_LINK = 0xa000;

  private static final long FLAG_ENCRYPTED = 0x800;
  private static final long FLAG_EXTENTS = 0x8_0000;
  private static final long FLAG_INLINE_DATA = 0x1000_0000;

  static Ext4Inode parse(long number, LittleEndianBytes raw) throws DiskFormatException {
    long size = raw.split(SIZE_LO, SIZE_HIGH);
    if (size < 0) {
      throw new DiskFormatException("inode " + number + " has an impossible size");
    }
    byte[] block = java.util.Arrays.copyOfRange(raw.array(), BLOCK, BLOCK + BLOCK_SIZE);
    return new Ext4Inode(number, raw.u16(MODE), size, raw.u32(FLAGS), new LittleEndianBytes(block));
  }

  boolean isDirectory() {
    return (mode & TYPE_MASK) == TYPE_DIRECTORY;
  }

  boolean isFile() {
    return (mode & TYPE_MASK) == TYPE_FILE;
  }

  boolean isLink() {
    return (mode & TYPE_MASK) == TYPE_LINK;
  }

  boolean usesExtents() {
    return (flags & FLAG_EXTENTS) != 0;
  }

  boolean hasInlineData() {
    return (flags & FLAG_INLINE_DATA) != 0;
  }

  boolean isEncrypted() {
    return (flags & FLAG_ENCRYPTED) != 0;
  }
}

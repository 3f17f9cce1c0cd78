package dev.monoceros.images.ext4;

import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * What the reader needs of the superblock (super.rst), checked.
 *
 * @param blockBytes 1024 to 65536
 * @param blocks in the file system
 * @param inodes in the file system, numbered from 1
 * @param inodesPerGroup at least 1
 * @param inodeBytes 128 to the block size
 * @param descriptorBytes size of a group descriptor
 * @param descriptorTable offset of the group descriptors in bytes
 * @param wide whether block numbers have a high half
 * @param uuid the file system's id
 */
record Superblock(
    int blockBytes,
    long blocks,
    long inodes,
    long inodesPerGroup,
    int inodeBytes,
    int descriptorBytes,
    long descriptorTable,
    boolean wide,
    UUID uuid) {
  private static final long OFFSET = 1024;
  private static final int BYTES = 1024;
  private static final int MAGIC_OFFSET = 0x38;
  private static final short MAGIC = (short) 0xEF53;
  private static final int INODES_OFFSET = 0x00;
  private static final int BLOCKS_LO_OFFSET = 0x04;
  private static final int FIRST_DATA_BLOCK_OFFSET = 0x14;
  private static final int LOG_BLOCK_SIZE_OFFSET = 0x18;
  private static final int INODES_PER_GROUP_OFFSET = 0x28;
  private static final int REVISION_OFFSET = 0x4C;
  private static final int INODE_SIZE_OFFSET = 0x58;
  private static final int INCOMPAT_OFFSET = 0x60;
  private static final int UUID_OFFSET = 0x68;
  private static final int DESCRIPTOR_SIZE_OFFSET = 0xFE;
  private static final int BLOCKS_HI_OFFSET = 0x150;
  private static final int MAX_LOG_BLOCK_SIZE = 6;
  private static final int OLD_INODE_BYTES = 128;
  private static final int NARROW_DESCRIPTOR_BYTES = 32;

  private static final int INCOMPAT_COMPRESSION = 0x1;
  private static final int INCOMPAT_JOURNAL_DEV = 0x8;
  private static final int INCOMPAT_META_BG = 0x10;
  private static final int INCOMPAT_64BIT = 0x80;
  private static final int INCOMPAT_INLINE_DATA = 0x8000;

  static Superblock read(DiskSource disk) throws IOException, Ext4FormatException {
    if (disk.size() < OFFSET + BYTES) {
      throw new Ext4FormatException("too small for a superblock");
    }
    ByteBuffer raw = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    disk.read(OFFSET, raw);
    if (raw.getShort(MAGIC_OFFSET) != MAGIC) {
      throw new Ext4FormatException("no ext4 superblock");
    }
    int incompatible = raw.getInt(INCOMPAT_OFFSET);
    refuse(incompatible, INCOMPAT_COMPRESSION, "compression");
    refuse(incompatible, INCOMPAT_JOURNAL_DEV, "journal_dev");
    refuse(incompatible, INCOMPAT_META_BG, "meta_bg");
    refuse(incompatible, INCOMPAT_INLINE_DATA, "inline_data");
    int log = raw.getInt(LOG_BLOCK_SIZE_OFFSET);
    check(log >= 0 && log <= MAX_LOG_BLOCK_SIZE, "block size");
    int blockBytes = 1024 << log;
    boolean wide = (incompatible & INCOMPAT_64BIT) != 0;
    int inodeBytes =
        raw.getInt(REVISION_OFFSET) == 0
            ? OLD_INODE_BYTES
            : Short.toUnsignedInt(raw.getShort(INODE_SIZE_OFFSET));
    check(inodeBytes >= OLD_INODE_BYTES && inodeBytes <= blockBytes, "inode size");
    int descriptorBytes =
        wide ? Short.toUnsignedInt(raw.getShort(DESCRIPTOR_SIZE_OFFSET)) : NARROW_DESCRIPTOR_BYTES;
    check(
        descriptorBytes >= (wide ? 64 : NARROW_DESCRIPTOR_BYTES) && descriptorBytes <= blockBytes,
        "group descriptor size");
    long inodesPerGroup = unsigned(raw, INODES_PER_GROUP_OFFSET);
    check(inodesPerGroup > 0, "inodes per group");
    long blocks =
        unsigned(raw, BLOCKS_LO_OFFSET) | (wide ? unsigned(raw, BLOCKS_HI_OFFSET) << 32 : 0);
    check(blocks > 0 && blocks <= Long.MAX_VALUE / blockBytes, "block count");
    long firstDataBlock = unsigned(raw, FIRST_DATA_BLOCK_OFFSET);
    check(firstDataBlock <= 1, "first data block");
    return new Superblock(
        blockBytes,
        blocks,
        unsigned(raw, INODES_OFFSET),
        inodesPerGroup,
        inodeBytes,
        descriptorBytes,
        (firstDataBlock + 1) * blockBytes,
        wide,
        uuid(raw));
  }

  /** Sixteen bytes in the order in which the id is written. */
  private static UUID uuid(ByteBuffer raw) {
    return new UUID(
        Long.reverseBytes(raw.getLong(UUID_OFFSET)),
        Long.reverseBytes(raw.getLong(UUID_OFFSET + Long.BYTES)));
  }

  private static void refuse(int features, int bit, String name) throws Ext4FormatException {
    if ((features & bit) != 0) {
      throw new Ext4FormatException("the feature " + name + " is not supported");
    }
  }

  private static void check(boolean sane, String what) throws Ext4FormatException {
    if (!sane) {
      throw new Ext4FormatException("senseless " + what);
    }
  }

  private static long unsigned(ByteBuffer raw, int at) {
    return Integer.toUnsignedLong(raw.getInt(at));
  }
}

package dev.monoceros.cli.disk;

import java.io.IOException;

/**
 * What a reader needs of the superblock (ext4: globals, "Super Block").
 *
 * @param blockSize bytes
 * @param firstDataBlock 1 with blocks of 1 KiB, else 0
 * @param inodesPerGroup inodes in a block group
 * @param inodeCount all inodes
 * @param inodeSize bytes of an inode on disk
 * @param descriptorSize bytes of a group descriptor
 * @param blockCount all blocks
 */
record Ext4Superblock(
    int blockSize,
    long firstDataBlock,
    long inodesPerGroup,
    long inodeCount,
    int inodeSize,
    int descriptorSize,
    long blockCount) {
  private static final int OFFSET = 1024;
  private static final int SIZE = 1024;
  private static final int MAGIC_VALUE = 0xef53;

  private static final int INODES_COUNT = 0x00;
  private static final int BLOCKS_COUNT_LO = 0x04;
  private static final int FIRST_DATA_BLOCK = 0x14;
  private static final int LOG_BLOCK_SIZE = 0x18;
  private static final int INODES_PER_GROUP = 0x28;
  private static final int MAGIC = 0x38;
  private static final int REV_LEVEL = 0x4c;
  private static final int INODE_SIZE = 0x58;
  private static final int FEATURE_INCOMPAT = 0x60;
  private static final int DESC_SIZE = 0xfe;
  private static final int BLOCKS_COUNT_HI = 0x150;

  private static final int INCOMPAT_COMPRESSION = 0x1;
  private static final int INCOMPAT_JOURNAL_DEV = 0x8;
  private static final int INCOMPAT_META_BG = 0x10;
  private static final int INCOMPAT_64BIT = 0x80;

  private static final int LARGEST_LOG_BLOCK_SIZE = 6;
  private static final int OLD_INODE_SIZE = 128;
  private static final int OLD_DESCRIPTOR_SIZE = 32;
  private static final int LONG_DESCRIPTOR_SIZE = 64;

  static boolean isPresent(DiskReader partition) throws IOException {
    return partition.size() >= OFFSET + SIZE
        && partition.read(OFFSET, SIZE).u16(MAGIC) == MAGIC_VALUE;
  }

  static Ext4Superblock read(DiskReader partition) throws IOException {
    LittleEndianBytes raw = partition.read(OFFSET, SIZE);
    long features = raw.u32(FEATURE_INCOMPAT);
    refuse(features, INCOMPAT_COMPRESSION, "compression");
    refuse(features, INCOMPAT_JOURNAL_DEV, "a journal of its own");
    refuse(features, INCOMPAT_META_BG, "meta block groups");
    boolean wide = (features & INCOMPAT_64BIT) != 0;
    boolean dynamic = raw.u32(REV_LEVEL) > 0;
    long logBlockSize = raw.u32(LOG_BLOCK_SIZE);
    if (logBlockSize > LARGEST_LOG_BLOCK_SIZE) {
      throw broken("a block size of 2^" + (10 + logBlockSize));
    }
    Ext4Superblock block =
        new Ext4Superblock(
            1024 << logBlockSize,
            raw.u32(FIRST_DATA_BLOCK),
            raw.u32(INODES_PER_GROUP),
            raw.u32(INODES_COUNT),
            dynamic ? raw.u16(INODE_SIZE) : OLD_INODE_SIZE,
            wide ? raw.u16(DESC_SIZE) : OLD_DESCRIPTOR_SIZE,
            wide ? raw.split(BLOCKS_COUNT_LO, BLOCKS_COUNT_HI) : raw.u32(BLOCKS_COUNT_LO));
    block.check(wide);
    return block;
  }

  private void check(boolean wide) throws DiskFormatException {
    if (inodesPerGroup == 0) {
      throw broken("no inodes in a group");
    }
    if (inodeSize < OLD_INODE_SIZE || inodeSize > blockSize) {
      throw broken("inodes of " + inodeSize + " bytes");
    }
    if (wide && (descriptorSize < LONG_DESCRIPTOR_SIZE || descriptorSize > blockSize)) {
      throw broken("group descriptors of " + descriptorSize + " bytes");
    }
    if (firstDataBlock > 1 || blockCount <= 0 || blockCount > Long.MAX_VALUE / blockSize) {
      throw broken(blockCount + " blocks from block " + firstDataBlock + " on");
    }
  }

  private static void refuse(long features, int feature, String name) throws DiskFormatException {
    if ((features & feature) != 0) {
      throw new DiskFormatException("the ext4 file system uses " + name + ", which is not read");
    }
  }

  private static DiskFormatException broken(String what) {
    return new DiskFormatException("the ext4 superblock is broken: it says " + what);
  }
}

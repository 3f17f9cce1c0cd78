package dev.monoceros.images.root;

import dev.monoceros.images.root.DirectoryScan.Found;

/** How large a file system has to be for what is to go into it. */
final class RootSize {
  private static final long BLOCK = 4096;
  private static final long INODE = 256;

  /** Directory entries take the name and a dozen bytes; twice that, for blocks are not filled. */
  private static final long ENTRY = 16;

  /** Bitmaps and descriptors of block groups, and room for extent trees: one block in 64. */
  private static final int OVERHEAD_SHIFT = 6;

  private static final long SPARE_INODES = 65_536;
  private static final long ROUND = 1 << 20;

  private RootSize() {}

  /** Bytes of all regular files. */
  static long contents(Found found) {
    return found.items().stream().mapToLong(Item::size).sum();
  }

  static long inodes(Found found) {
    return found.items().size() + SPARE_INODES;
  }

  /** Bytes, with {@link RootImages#FREE_BYTES} to spare. */
  static long of(Found found) {
    long bytes = inodes(found) * INODE;
    for (Item item : found.items()) {
      bytes += (item.size() + BLOCK - 1) / BLOCK * BLOCK + 2 * (item.path().length() + ENTRY);
      bytes += item.kind() == Item.Kind.FILE ? 0 : BLOCK;
    }
    long all = bytes + (bytes >> OVERHEAD_SHIFT) + RootImages.FREE_BYTES;
    return (all + all / 64 + ROUND - 1) / ROUND * ROUND;
  }
}

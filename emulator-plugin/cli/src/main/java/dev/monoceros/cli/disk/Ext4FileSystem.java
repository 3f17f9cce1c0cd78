package dev.monoceros.cli.disk;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An ext2, ext3 or ext4 file system. A journal that was not replayed is not looked at: files that
 * changed just before a crash may be read as they were before.
 */
public final class Ext4FileSystem {
  private static final int LARGEST_FILE = 256 << 20;
  private static final int LARGEST_DIRECTORY = 16 << 20;
  private static final int LONGEST_LINK = 4096;
  private static final int MOST_LINKS = 40;

  private static final int INODE_TABLE_LO = 0x08;
  private static final int INODE_TABLE_HI = 0x28;
  private static final int SHORT_DESCRIPTOR = 32;

  private static final int ENTRY_LENGTH = 4;
  private static final int ENTRY_NAME_LENGTH = 6;
  private static final int ENTRY_NAME = 8;

  private final DiskReader partition;
  private final Ext4Superblock superblock;

  private Ext4FileSystem(DiskReader partition, Ext4Superblock superblock) {
    this.partition = partition;
    this.superblock = superblock;
  }

  /** Whether a partition holds such a file system. */
  public static boolean isPresent(DiskReader partition) throws IOException {
    return Ext4Superblock.isPresent(partition);
  }

  /**
   * Opens a file system.
   *
   * @throws DiskFormatException if it is broken or uses a feature that is not read
   */
  public static Ext4FileSystem open(DiskReader partition) throws IOException {
    return new Ext4FileSystem(partition, Ext4Superblock.read(partition));
  }

  /**
   * A file's bytes; symbolic links are followed.
   *
   * @param path from the root, without a leading slash
   * @return empty if there is no such file
   * @throws DiskFormatException also for files above 256 MiB
   */
  public Optional<byte[]> read(String path) throws IOException {
    Optional<Ext4Inode> inode = find(path);
    return inode.isPresent() && inode.get().isFile()
        ? Optional.of(contents(inode.get(), LARGEST_FILE))
        : Optional.empty();
  }

  /** Names in a directory, sorted, without . and ..; empty if there is no such directory. */
  public List<String> list(String path) throws IOException {
    Optional<Ext4Inode> inode = find(path);
    return inode.isPresent() && inode.get().isDirectory()
        ? entries(inode.get()).keySet().stream().sorted().toList()
        : List.of();
  }

  /** Whether there is a directory, perhaps behind symbolic links. */
  public boolean isDirectory(String path) throws IOException {
    return find(path).filter(Ext4Inode::isDirectory).isPresent();
  }

  private Optional<Ext4Inode> find(String path) throws IOException {
    Deque<String> rest = new ArrayDeque<>();
    push(rest, path);
    Deque<Ext4Inode> above = new ArrayDeque<>();
    Ext4Inode at = inode(Ext4Inode.ROOT);
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.pop();
      if (name.equals("..")) {
        at = above.isEmpty() ? at : above.pop();
        continue;
      }
      Long number = at.isDirectory() ? entries(at).get(name) : null;
      if (number == null) {
        return Optional.empty();
      }
      Ext4Inode next = inode(number);
      if (next.isLink()) {
        if (++links > MOST_LINKS) {
          return Optional.empty();
        }
        String target = linkTarget(next);
        push(rest, target);
        if (target.startsWith("/")) {
          at = inode(Ext4Inode.ROOT);
          above.clear();
        }
      } else {
        above.push(at);
        at = next;
      }
    }
    return Optional.of(at);
  }

  private static void push(Deque<String> rest, String path) {
    for (String name : List.of(path.split("/")).reversed()) {
      if (!name.isEmpty() && !name.equals(".")) {
        rest.push(name);
      }
    }
  }

  /** Targets below 60 bytes lie in the inode itself. */
  private String linkTarget(Ext4Inode link) throws IOException {
    boolean inside = link.size() < Ext4Inode.BLOCK_SIZE && !link.usesExtents();
    LittleEndianBytes bytes =
        inside ? link.block() : new LittleEndianBytes(contents(link, LONGEST_LINK));
    return bytes.utf8(0, (int) Math.min(link.size(), bytes.size()));
  }

  private byte[] contents(Ext4Inode inode, int most) throws IOException {
    return Ext4Blocks.read(partition, superblock.blockSize(), inode, most);
  }

  private Ext4Inode inode(long number) throws IOException {
    if (number < 1 || number > superblock.inodeCount()) {
      throw new DiskFormatException("there is no inode " + number);
    }
    long group = (number - 1) / superblock.inodesPerGroup();
    long index = (number - 1) % superblock.inodesPerGroup();
    long descriptors = (superblock.firstDataBlock() + 1) * superblock.blockSize();
    LittleEndianBytes descriptor =
        partition.read(
            descriptors + group * superblock.descriptorSize(), superblock.descriptorSize());
    long table =
        superblock.descriptorSize() > SHORT_DESCRIPTOR
            ? descriptor.split(INODE_TABLE_LO, INODE_TABLE_HI)
            : descriptor.u32(INODE_TABLE_LO);
    if (table < 0 || table >= superblock.blockCount()) {
      throw new DiskFormatException("group " + group + " has no inode table");
    }
    long at = table * superblock.blockSize() + index * superblock.inodeSize();
    return Ext4Inode.parse(number, partition.read(at, superblock.inodeSize()));
  }

  /** Hashed directories read as plain lists, too: their index hides in entries without an inode. */
  private Map<String, Long> entries(Ext4Inode directory) throws IOException {
    LittleEndianBytes raw = new LittleEndianBytes(contents(directory, LARGEST_DIRECTORY));
    Map<String, Long> entries = new LinkedHashMap<>();
    int blockSize = superblock.blockSize();
    for (int block = 0; block + blockSize <= raw.size(); block += blockSize) {
      addEntries(raw, block, block + blockSize, entries);
    }
    entries.remove(".");
    entries.remove("..");
    return entries;
  }

  private static void addEntries(
      LittleEndianBytes raw, int begin, int end, Map<String, Long> entries)
      throws DiskFormatException {
    for (int at = begin; at <= end - ENTRY_NAME; ) {
      long inode = raw.u32(at);
      int length = raw.u16(at + ENTRY_LENGTH);
      int nameLength = raw.u8(at + ENTRY_NAME_LENGTH);
      if (length < ENTRY_NAME || length > end - at || nameLength > length - ENTRY_NAME) {
        throw new DiskFormatException("a directory of the ext4 file system is broken");
      }
      if (inode != 0 && nameLength > 0) {
        entries.putIfAbsent(raw.utf8(at + ENTRY_NAME, nameLength), inode);
      }
      at += length;
    }
  }
}

package dev.monoceros.images.ext4;

import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Reads files of an ext2, ext3 or ext4 file system by path. The journal is not replayed: after a
 * crash the newest changes may be missing, files that were there before are as they were.
 */
public final class Ext4Reader {
  /** No file that is read whole is larger; the largest of Debian's modules is below 10 MiB. */
  private static final long MAX_FILE_BYTES = 128L << 20;

  /** As many links as Linux follows in one path (MAXSYMLINKS). */
  private static final int MAX_LINKS = 40;

  private static final int ROOT_INODE = 2;
  private static final int INODE_TABLE_LO_OFFSET = 0x08;
  private static final int INODE_TABLE_HI_OFFSET = 0x28;
  private static final int ENTRY_HEADER_BYTES = 8;

  private final DiskSource disk;
  private final Superblock superblock;

  private Ext4Reader(DiskSource disk, Superblock superblock) {
    this.disk = disk;
    this.superblock = superblock;
  }

  /**
   * Opens a file system that starts at the source's first byte.
   *
   * @throws Ext4FormatException when there is none, or one with a feature that cannot be read
   */
  public static Ext4Reader open(DiskSource disk) throws IOException {
    return new Ext4Reader(disk, Superblock.read(disk));
  }

  /**
   * The content of a regular file, links followed; empty when the path leads to none. At most 128
   * MiB.
   */
  public Optional<byte[]> read(String path) throws IOException {
    Optional<Place> place = find(path);
    return place.isPresent() && place.get().inode().isRegular()
        ? Optional.of(content(place.get().inode()))
        : Optional.empty();
  }

  /**
   * The same for a file of which no more than so many bytes make sense.
   *
   * @throws Ext4FormatException when it is longer
   */
  public Optional<byte[]> read(String path, int most) throws IOException {
    Optional<Place> place = find(path);
    if (place.isPresent() && place.get().inode().size() > most) {
      throw new Ext4FormatException("a " + path + " of absurd size");
    }
    return read(path);
  }

  /** Whether a path leads to a directory, links followed. */
  public boolean isDirectory(String path) throws IOException {
    return find(path).filter(place -> place.inode().isDirectory()).isPresent();
  }

  /**
   * The path without links of the regular file that a path leads to; empty when it leads to none.
   */
  public Optional<String> fileAt(String path) throws IOException {
    return find(path).filter(place -> place.inode().isRegular()).map(Place::path);
  }

  /** Names in a directory, sorted by their characters; none when the path leads to no directory. */
  public List<String> names(String path) throws IOException {
    Optional<Place> place = find(path).filter(found -> found.inode().isDirectory());
    return place.isPresent() ? List.copyOf(list(place.get().inode()).keySet()) : List.of();
  }

  /** The file system's id, by which a command line may name it: root=UUID=. */
  public UUID uuid() {
    return superblock.uuid();
  }

  /**
   * Names in a directory with their inode numbers, sorted, without {@code .} and {@code ..}; empty
   * when there is none.
   */
  Map<String, Long> list(Inode directory) throws IOException {
    Map<String, Long> names = new TreeMap<>();
    ByteBuffer entries = ByteBuffer.wrap(content(directory)).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at + ENTRY_HEADER_BYTES <= entries.limit()) {
      int length = Short.toUnsignedInt(entries.getShort(at + 4));
      int nameLength = Byte.toUnsignedInt(entries.get(at + 6));
      if (length < ENTRY_HEADER_BYTES || at + ENTRY_HEADER_BYTES + nameLength > entries.limit()) {
        throw new Ext4FormatException("a damaged directory");
      }
      long inode = Integer.toUnsignedLong(entries.getInt(at));
      if (inode != 0 && nameLength > 0) {
        String name =
            new String(
                entries.array(), at + ENTRY_HEADER_BYTES, nameLength, StandardCharsets.UTF_8);
        if (!name.equals(".") && !name.equals("..")) {
          names.put(name, inode);
        }
      }
      at += length;
    }
    return names;
  }

  /** An inode and the path without links that leads to it. */
  private record Place(Inode inode, String path) {}

  private Optional<Place> find(String path) throws IOException {
    Deque<String> parts = new ArrayDeque<>();
    push(parts, path);
    Deque<Place> above = new ArrayDeque<>();
    Place here = new Place(inode(ROOT_INODE), "");
    int links = 0;
    while (!parts.isEmpty()) {
      String part = parts.pop();
      if (part.equals("..")) {
        here = above.isEmpty() ? here : above.pop();
        continue;
      }
      Long number = here.inode().isDirectory() ? list(here.inode()).get(part) : null;
      if (number == null) {
        return Optional.empty();
      }
      Inode next = inode(number);
      if (next.isSymlink()) {
        if (++links > MAX_LINKS) {
          return Optional.empty();
        }
        String target = new String(content(next), StandardCharsets.UTF_8);
        if (target.startsWith("/")) {
          above.clear();
          here = new Place(inode(ROOT_INODE), "");
        }
        push(parts, target);
      } else {
        above.push(here);
        here = new Place(next, here.path() + "/" + part);
      }
    }
    return Optional.of(here);
  }

  private static void push(Deque<String> parts, String path) {
    for (String part : Arrays.asList(path.split("/")).reversed()) {
      if (!part.isEmpty() && !part.equals(".")) {
        parts.push(part);
      }
    }
  }

  private Inode inode(long number) throws IOException {
    if (number < 1 || number > superblock.inodes()) {
      throw new Ext4FormatException("a directory entry without an inode");
    }
    long group = (number - 1) / superblock.inodesPerGroup();
    long index = (number - 1) % superblock.inodesPerGroup();
    ByteBuffer descriptor =
        readAt(
            superblock.descriptorTable() + group * superblock.descriptorBytes(),
            superblock.descriptorBytes());
    long table = Integer.toUnsignedLong(descriptor.getInt(INODE_TABLE_LO_OFFSET));
    if (superblock.wide()) {
      table |= Integer.toUnsignedLong(descriptor.getInt(INODE_TABLE_HI_OFFSET)) << 32;
    }
    if (table == 0 || table >= superblock.blocks() || table < 0) {
      throw new Ext4FormatException("an inode table outside the file system");
    }
    return Inode.parse(
        readAt(
            table * superblock.blockBytes() + index * superblock.inodeBytes(),
            superblock.inodeBytes()));
  }

  /**
   * Both factors of {@code group * size} are below 2^32 and 2^16, and a block number times its size
   * was checked when opening.
   */
  private ByteBuffer readAt(long offset, int length) throws IOException {
    if (offset < 0 || offset > disk.size() - length) {
      throw new Ext4FormatException("structures outside the disk");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    disk.read(offset, bytes);
    return bytes.flip();
  }

  private byte[] content(Inode inode) throws IOException {
    if (inode.size() > MAX_FILE_BYTES || inode.size() > disk.size() + superblock.blockBytes()) {
      throw new Ext4FormatException("a file too large to be read whole");
    }
    return FileBlocks.read(disk, superblock, inode);
  }
}

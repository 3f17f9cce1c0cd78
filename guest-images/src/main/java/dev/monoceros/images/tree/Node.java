package dev.monoceros.images.tree;

/** One entry of a tree. Modes are permission bits with set-id and sticky bits, 0 to 07777. */
public sealed interface Node {
  /** Permission bits. */
  int mode();

  /** Numeric owner. */
  int uid();

  /** Numeric group. */
  int gid();

  /** A directory. */
  record Directory(int mode, int uid, int gid) implements Node {}

  /** A regular file. */
  record RegularFile(FileContent content, int mode, int uid, int gid) implements Node {}

  /** A symbolic link; its mode is always 0777. */
  record Symlink(String target, int uid, int gid) implements Node {
    @Override
    public int mode() {
      return 0777;
    }
  }

  /** A device node; needs no root, for it is only written into an archive. */
  record Device(Type type, int major, int minor, int mode, int uid, int gid) implements Node {
    /** The two kinds of device. */
    public enum Type {
      /** A character device. */
      CHARACTER,
      /** A block device. */
      BLOCK
    }
  }
}

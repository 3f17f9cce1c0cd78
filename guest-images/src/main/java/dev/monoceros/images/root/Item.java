package dev.monoceros.images.root;

import java.nio.file.Path;

/**
 * One file below the directory.
 *
 * @param path where it is in the guest, relative, one character a byte ({@link RawName})
 * @param source where it is on the host; null for a mount point, whose contents are not its own
 * @param kind what it is
 * @param mode permission bits, 0 to 07777
 * @param uid owner in the guest
 * @param gid group in the guest
 * @param size bytes of a regular file
 * @param device number of a device node, as stat(2) has it
 * @param modified mtime, ns since 1970
 * @param changed ctime, ns since 1970
 * @param target of a link: a symbolic link's text, or the path of the same file's first name
 */
record Item(
    String path,
    Path source,
    Kind kind,
    int mode,
    int uid,
    int gid,
    long size,
    long device,
    long modified,
    long changed,
    String target) {
  enum Kind {
    DIRECTORY,
    FILE,
    SYMLINK,
    /** Another name of a file that came before. */
    HARD_LINK,
    FIFO,
    CHARACTER_DEVICE,
    BLOCK_DEVICE
  }

  /** The empty directory that a guest sees where the host has something mounted. */
  Item mountPoint() {
    return new Item(path, null, kind, 0755, 0, 0, 0, 0, 0, 0, null);
  }

  /** The same file as another kind of name. */
  Item linkedTo(Kind other, String first) {
    return new Item(path, source, other, mode, uid, gid, size, device, modified, changed, first);
  }
}

package dev.monoceros.cli.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** File systems a Linux root may have, told apart by their magic numbers. */
public enum FileSystemKind {
  /** ext2 and ext3 too: the same driver mounts them. */
  EXT4("ext4", 0x438, "\u0053\u00ef"),
  XFS("xfs", 0, "XFSB"),
  BTRFS("btrfs", 0x10040, "_BHRfS_M"),
  F2FS("f2fs", 0x400, "\u0010\u0020\u00f5\u00f2"),
  SQUASHFS("squashfs", 0, "hsqs"),
  EROFS("erofs", 0x400, "\u00e2\u00e1\u00f5\u00e0");

  private final String driver;
  private final long offset;
  private final byte[] magic;

  FileSystemKind(String driver, long offset, String latin1) {
    this.driver = driver;
    this.offset = offset;
    this.magic = latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The kernel's driver for it. */
  public String driver() {
    return driver;
  }

  /** What a partition holds; empty if none of these. */
  public static Optional<FileSystemKind> of(DiskReader partition) throws IOException {
    for (FileSystemKind kind : values()) {
      if (partition.size() >= kind.offset + kind.magic.length
          && java.util.Arrays.equals(
              partition.read(kind.offset, kind.magic.length).array(), kind.magic)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}

package dev.monoceros.images.bootdisk;

import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a partition holds, by the magic numbers that libblkid looks for. In the order in which they
 * are tried: LUKS and LVM first, because old file systems' marks may be left beneath.
 */
enum VolumeKind {
  LUKS("an encrypted LUKS volume", 0, "LUKS\u00ba\u00be"),
  LVM("an LVM physical volume", 0x218, "LVM2 001"),
  LVM_FIRST_SECTOR("an LVM physical volume", 0x018, "LVM2 001"),
  RAID("a member of a software RAID", 0x1000, "\u00fc\u004e\u002b\u00a9"),
  EXT4("an ext4 file system", 0x438, "\u0053\u00ef"),
  XFS("an XFS file system", 0, "XFSB"),
  BTRFS("a btrfs file system", 0x10040, "_BHRfS_M"),
  SQUASHFS("a squashfs file system", 0, "hsqs"),
  EROFS("an EROFS file system", 0x400, "\u00e2\u00e1\u00f5\u00e0"),
  F2FS("an F2FS file system", 0x400, "\u0010\u0020\u00f5\u00f2"),
  ISO9660("an ISO 9660 file system", 0x8001, "CD001"),
  SWAP("swap space", 0xff6, "SWAPSPACE2"),
  NTFS("an NTFS file system", 3, "NTFS    "),
  FAT32("a FAT file system", 0x52, "FAT32   "),
  FAT16("a FAT file system", 0x36, "FAT16   "),
  FAT12("a FAT file system", 0x36, "FAT12   "),
  UNKNOWN("nothing that is known here", 0, "");

  private final String description;
  private final int offset;

  /** One byte to a character. */
  private final String magic;

  VolumeKind(String description, int offset, String magic) {
    this.description = description;
    this.offset = offset;
    this.magic = magic;
  }

  static VolumeKind of(DiskSource volume) throws IOException {
    for (VolumeKind kind : values()) {
      if (kind.isIn(volume)) {
        return kind;
      }
    }
    return UNKNOWN;
  }

  private boolean isIn(DiskSource volume) throws IOException {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    if (volume.size() < (long) offset + expected.length) {
      return false;
    }
    ByteBuffer found = ByteBuffer.allocate(expected.length);
    volume.read(offset, found);
    return found.flip().equals(ByteBuffer.wrap(expected));
  }

  /** Whether Linux boots from a root file system like this one, though it cannot be read here. */
  boolean mayHoldLinux() {
    return switch (this) {
      case LUKS, LVM, LVM_FIRST_SECTOR, RAID, XFS, BTRFS, SQUASHFS, EROFS, F2FS -> true;
      case EXT4, ISO9660, SWAP, NTFS, FAT32, FAT16, FAT12, UNKNOWN -> false;
    };
  }

  @Override
  public String toString() {
    return description;
  }
}

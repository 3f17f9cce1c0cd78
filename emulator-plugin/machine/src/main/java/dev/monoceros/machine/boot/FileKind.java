package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Names what a file is by its first bytes, for the message that says why it cannot be booted. */
final class FileKind {
  private record Magic(long offset, String latin1, String description) {
    boolean matches(MemorySegment head) {
      byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
      return head.byteSize() >= offset + bytes.length
          && head.asSlice(offset, bytes.length).mismatch(MemorySegment.ofArray(bytes)) < 0;
    }
  }

  private static final Magic[] KNOWN = {
    new Magic(0, "\u001f\u008b", "a gzip file"),
    new Magic(0, "\u00fd7zXZ", "an xz file"),
    new Magic(0, "BZh", "a bzip2 file"),
    new Magic(0, "(\u00b5/\u00fd", "a zstd file"),
    new Magic(0, "\u0002!L\u0018", "an LZ4 file"),
    new Magic(0, "\u0004\"M\u0018", "an LZ4 file"),
    new Magic(0, "\u0089LZO", "an LZO file"),
    new Magic(0, "]\u0000\u0000", "an LZMA file"),
    new Magic(0, "QFI\u00fb", "a QCOW disk image"),
    new Magic(0, "KDMV", "a VMDK disk image"),
    new Magic(0, "070701", "a cpio archive (an initramfs)"),
    new Magic(0, "!<arch>", "an ar archive (a Debian package)"),
    new Magic(0, "\u00ed\u00ab\u00ee\u00db", "an RPM package"),
    new Magic(0, "PK\u0003\u0004", "a zip file"),
    new Magic(0, "#!", "a script"),
    new Magic(0, "\u007fELF", "an ELF file"),
    new Magic(56, "ARMd", "a kernel for aarch64"),
    new Magic(48, "RISCV", "a kernel for RISC-V"),
    new Magic(56, "RSC\u0005", "a kernel for RISC-V"),
    new Magic(257, "ustar", "a tar archive"),
    new Magic(0x438, "S\u00ef", "an ext file system"),
    new Magic(0x8001, "CD001", "an ISO 9660 image"),
    new Magic(0, "MZ", "an EFI program"),
    new Magic(510, "U\u00aa", "a disk image or boot sector"),
  };

  private FileKind() {}

  /** Reads as "is " + this. */
  static String describe(MemorySegment head) {
    if (head.byteSize() == 0) {
      return "empty";
    }
    for (Magic magic : KNOWN) {
      if (magic.matches(head)) {
        return magic.description;
      }
    }
    return isText(head) ? "a text file" : "of an unknown kind";
  }

  private static boolean isText(MemorySegment head) {
    long length = Math.min(head.byteSize(), 512);
    for (long i = 0; i < length; i++) {
      int b = LittleEndian.u8(head, i);
      if (b >= 0x7f || (b < ' ' && b != '\n' && b != '\t' && b != '\r')) {
        return false;
      }
    }
    return true;
  }
}

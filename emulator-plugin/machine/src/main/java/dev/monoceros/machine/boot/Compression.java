package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The compressions that a bzImage's payload may have (Linux, arch/x86/boot/compressed/Makefile).
 * LZO, the remaining one, has no well-kept library. Only the library in use is ever loaded.
 */
enum Compression {
  LZ4("LZ4", "\u0002!L\u0018"),
  GZIP("gzip", "\u001f\u008b"),
  XZ("xz", "\u00fd7zXZ\u0000"),
  ZSTD("zstd", "(\u00b5/\u00fd"),
  BZIP2("bzip2", "BZh"),
  LZMA("LZMA", "]\u0000\u0000");

  private static final int SIZE_BYTES = 4;

  private final String displayName;

  /** The first bytes, one to a character. */
  private final String magic;

  Compression(String displayName, String magic) {
    this.displayName = displayName;
    this.magic = magic;
  }

  static Optional<Compression> of(MemorySegment payload) {
    for (Compression candidate : values()) {
      MemorySegment magic =
          MemorySegment.ofArray(candidate.magic.getBytes(StandardCharsets.ISO_8859_1));
      if (payload.byteSize() >= magic.byteSize()
          && payload.asSlice(0, magic.byteSize()).mismatch(magic) < 0) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  String displayName() {
    return displayName;
  }

  /**
   * The size of the unpacked kernel in bytes: the payload's last four bytes, for gzip by its own
   * format, for the others because the kernel's build appends them.
   */
  static long unpackedSize(MemorySegment payload) {
    return LittleEndian.u32(payload, payload.byteSize() - SIZE_BYTES);
  }

  /**
   * Fills {@code target} exactly, never writing beyond it.
   *
   * @throws IOException if the payload is damaged, or unpacks to less or more
   */
  void unpack(MemorySegment payload, MemorySegment target) throws IOException {
    MemorySegment compressed =
        this == GZIP ? payload : payload.asSlice(0, payload.byteSize() - SIZE_BYTES);
    if (this == LZ4) {
      Lz4Legacy.decompress(compressed, target);
      return;
    }
    StreamPayload.unpack(this, compressed, target);
  }
}

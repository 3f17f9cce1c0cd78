package dev.monoceros.machine.boot;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * A compression that a bzImage's payload may have (Linux, arch/x86/boot/compressed/Makefile). LZO,
 * the remaining one, has no well-kept library.
 *
 * @param name for messages
 * @param latin1 the first bytes, one to a character
 * @param sizeAppended whether the kernel's build appends the unpacked size, because the format has
 *     no place for it
 * @param decompressor how it is undone
 */
record Compression(String name, String latin1, boolean sizeAppended, Decompressor decompressor) {
  /**
   * The largest dictionary that the kernel's build asks for is 64 MiB (lzma -9); anything that
   * wants more than this is hostile.
   */
  private static final int MEMORY_LIMIT_KIB = 96 * 1024;

  /** zstd -22 --ultra, the build's setting, uses a window of 2^27 bytes. */
  private static final int ZSTD_WINDOW_LOG_LIMIT = 27;

  private static final int SIZE_BYTES = 4;

  private static final List<Compression> ALL =
      List.of(
          new Compression("LZ4", "\u0002!L\u0018", true, Lz4Legacy::decompress),
          new Compression("gzip", "\u001f\u008b", false, stream(GZIPInputStream::new)),
          new Compression(
              "xz",
              "\u00fd7zXZ\u0000",
              true,
              stream(in -> new SingleXZInputStream(in, MEMORY_LIMIT_KIB))),
          new Compression("zstd", "(\u00b5/\u00fd", true, stream(Compression::zstd)),
          new Compression("bzip2", "BZh", true, stream(BZip2CompressorInputStream::new)),
          new Compression(
              "LZMA",
              "]\u0000\u0000",
              true,
              stream(in -> new LZMAInputStream(in, MEMORY_LIMIT_KIB))));

  static Optional<Compression> of(MemorySegment payload) {
    return ALL.stream().filter(c -> c.matches(payload)).findFirst();
  }

  private boolean matches(MemorySegment payload) {
    MemorySegment magic = MemorySegment.ofArray(latin1.getBytes(StandardCharsets.ISO_8859_1));
    return payload.byteSize() >= magic.byteSize()
        && payload.asSlice(0, magic.byteSize()).mismatch(magic) < 0;
  }

  /**
   * The size of the unpacked kernel in bytes, which is in the payload's last four bytes either way.
   */
  long unpackedSize(MemorySegment payload) {
    return LittleEndian.u32(payload, payload.byteSize() - SIZE_BYTES);
  }

  /** The payload without what the kernel's build has appended. */
  MemorySegment compressed(MemorySegment payload) {
    return sizeAppended ? payload.asSlice(0, payload.byteSize() - SIZE_BYTES) : payload;
  }

  private static Decompressor stream(StreamDecompressor.Opener opener) {
    return new StreamDecompressor(opener);
  }

  private static InputStream zstd(InputStream in) throws IOException {
    return new ZstdInputStreamNoFinalizer(in).setLongMax(ZSTD_WINDOW_LOG_LIMIT);
  }
}

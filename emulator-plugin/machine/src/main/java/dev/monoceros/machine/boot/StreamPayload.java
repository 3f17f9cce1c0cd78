package dev.monoceros.machine.boot;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * Unpacks the compressions whose libraries offer a stream. Apart from {@link Compression}, so that
 * an LZ4 kernel, the usual one, does not wait for these libraries to be loaded.
 */
final class StreamPayload {
  /**
   * The largest dictionary that the kernel's build asks for is 64 MiB (lzma -9); anything that
   * wants more than this is hostile.
   */
  private static final int MEMORY_LIMIT_KIB = 96 * 1024;

  /** zstd -22 --ultra, the build's setting, uses a window of 2^27 bytes. */
  private static final int ZSTD_WINDOW_LOG_LIMIT = 27;

  private static final int CHUNK = 1 << 18;

  private StreamPayload() {}

  /** As {@link Compression#unpack}. */
  static void unpack(Compression compression, MemorySegment payload, MemorySegment target)
      throws IOException {
    try (InputStream in =
        open(compression, new ByteArrayInputStream(payload.toArray(ValueLayout.JAVA_BYTE)))) {
      fill(target, in);
      // Reading the end makes the library compare its checksum.
      if (in.read() >= 0) {
        throw new IOException(
            "it unpacks to more than the %d bytes it declares".formatted(target.byteSize()));
      }
    }
  }

  private static InputStream open(Compression compression, InputStream compressed)
      throws IOException {
    return switch (compression) {
      case GZIP -> new GZIPInputStream(compressed);
      case XZ -> new SingleXZInputStream(compressed, MEMORY_LIMIT_KIB);
      case ZSTD -> new ZstdInputStreamNoFinalizer(compressed).setLongMax(ZSTD_WINDOW_LOG_LIMIT);
      case BZIP2 -> new BZip2CompressorInputStream(compressed);
      case LZMA -> new LZMAInputStream(compressed, MEMORY_LIMIT_KIB);
      case LZ4 -> throw new IllegalArgumentException("LZ4 is unpacked without a stream");
    };
  }

  private static void fill(MemorySegment target, InputStream in) throws IOException {
    byte[] chunk = new byte[CHUNK];
    long produced = 0;
    while (produced < target.byteSize()) {
      int read = in.read(chunk, 0, (int) Math.min(CHUNK, target.byteSize() - produced));
      if (read < 0) {
        throw new IOException(
            "it unpacks to %d bytes and not to the %d it declares"
                .formatted(produced, target.byteSize()));
      }
      MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, produced, read);
      produced += read;
    }
  }
}

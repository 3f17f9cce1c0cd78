package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The legacy LZ4 frame (LZ4 frame format, "Legacy frame"): a magic, then blocks of a little-endian
 * length and that many bytes, each holding 8 MiB but for the last. Straight from buffer to buffer.
 */
final class Lz4Legacy {
  static final int MAGIC = 0x184c2102;

  private static final long LENGTH_BYTES = 4;
  private static final long BLOCK = 8L << 20;

  private Lz4Legacy() {}

  static void decompress(MemorySegment payload, MemorySegment target) throws IOException {
    LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();
    long position = LENGTH_BYTES;
    long produced = 0;
    while (position <= payload.byteSize() - LENGTH_BYTES) {
      long length = LittleEndian.u32(payload, position);
      position += LENGTH_BYTES;
      if (length == Integer.toUnsignedLong(MAGIC)) {
        // Frames may be concatenated.
        continue;
      }
      if (length == 0 || length > payload.byteSize() - position) {
        throw new IOException(
            "an LZ4 block of %d bytes at %d leaves the payload".formatted(length, position));
      }
      produced +=
          block(decompressor, payload.asSlice(position, length), room(target, produced), position);
      position += length;
    }
    if (produced != target.byteSize()) {
      throw new IOException(
          "it unpacks to %d bytes and not to the %d it declares"
              .formatted(produced, target.byteSize()));
    }
  }

  private static MemorySegment room(MemorySegment target, long produced) {
    return target.asSlice(produced, Math.min(BLOCK, target.byteSize() - produced));
  }

  private static int block(
      LZ4SafeDecompressor decompressor, MemorySegment block, MemorySegment room, long position)
      throws IOException {
    ByteBuffer from = block.asByteBuffer();
    ByteBuffer to = room.asByteBuffer();
    try {
      return decompressor.decompress(from, 0, from.remaining(), to, 0, to.remaining());
    } catch (LZ4Exception e) {
      throw new IOException(
          "the LZ4 block at %d is damaged or unpacks to more than is declared".formatted(position),
          e);
    }
  }
}

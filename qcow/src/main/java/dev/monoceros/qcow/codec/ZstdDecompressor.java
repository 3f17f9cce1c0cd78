package dev.monoceros.qcow.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/**
 * One frame into one cluster. The frame's end is found first, because the rest of its last sector
 * follows it. Decoding at once, not as a stream, needs no window beside the cluster, however large
 * a window a hostile frame claims.
 */
final class ZstdDecompressor implements ClusterDecompressor {
  private ZstdDecompressCtx context;

  @Override
  public boolean decompress(ByteBuffer source, ByteBuffer target) {
    try {
      long frame = Zstd.findFrameCompressedSize(source);
      if (Zstd.isError(frame)) {
        return false;
      }
      if (context == null) {
        context = new ZstdDecompressCtx();
      }
      int position = target.position();
      int length =
          context.decompressDirectByteBuffer(
              target,
              position,
              target.remaining(),
              source,
              source.position(),
              Math.toIntExact(frame));
      target.position(position + length);
      return !target.hasRemaining();
    } catch (ZstdException e) {
      return false;
    }
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
  }
}

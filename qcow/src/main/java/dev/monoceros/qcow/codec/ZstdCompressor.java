package dev.monoceros.qcow.codec;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;

/** The zstd library at its default level, as QEMU uses it. */
final class ZstdCompressor implements ClusterCompressor {
  /** ZSTD_error_dstSize_tooSmall of zstd_errors.h. */
  private static final long NO_ROOM = 70;

  private final ZstdCompressCtx context = new ZstdCompressCtx();

  @Override
  public int compress(byte[] cluster, byte[] packed) {
    try {
      return context.compressByteArray(packed, 0, cluster.length - 1, cluster, 0, cluster.length);
    } catch (ZstdException e) {
      if (e.getErrorCode() == NO_ROOM) {
        return INCOMPRESSIBLE;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    context.close();
  }
}

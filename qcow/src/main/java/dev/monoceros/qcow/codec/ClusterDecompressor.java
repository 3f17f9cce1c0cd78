package dev.monoceros.qcow.codec;

import java.nio.ByteBuffer;

/** Unpacks compressed clusters. For one thread at a time; holds native memory until closed. */
public interface ClusterDecompressor extends AutoCloseable {
  /**
   * Fills {@code target}.
   *
   * @param source direct; the stream and what follows it in its last sector
   * @param target direct; never written beyond its limit
   * @return false if the stream is damaged or holds less or more than {@code target}
   */
  boolean decompress(ByteBuffer source, ByteBuffer target);

  @Override
  void close();

  /** For raw deflate. */
  static ClusterDecompressor deflate() {
    return new DeflateDecompressor();
  }

  /** For zstd; its native library is loaded with the first cluster. */
  static ClusterDecompressor zstd() {
    return new ZstdDecompressor();
  }
}

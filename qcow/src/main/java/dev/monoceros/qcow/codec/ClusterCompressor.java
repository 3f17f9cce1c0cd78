package dev.monoceros.qcow.codec;

/**
 * Packs clusters. For one thread at a time, but any number may work beside each other; holds native
 * memory until closed.
 */
public interface ClusterCompressor extends AutoCloseable {
  /** What {@link #compress} returns for a cluster that does not become smaller. */
  int INCOMPRESSIBLE = -1;

  /**
   * Packs one cluster.
   *
   * @param cluster its bytes, all of the array
   * @param packed receives the stream; at least as long as {@code cluster}
   * @return length of the stream, less than that of the cluster, or {@link #INCOMPRESSIBLE}
   */
  int compress(byte[] cluster, byte[] packed);

  @Override
  void close();

  /** Raw deflate with no distance beyond 4 KiB, at the effort of zlib's default level. */
  static ClusterCompressor deflate() {
    return new DeflateCompressor();
  }

  /** A zstd frame at the library's default level. */
  static ClusterCompressor zstd() {
    return new ZstdCompressor();
  }
}

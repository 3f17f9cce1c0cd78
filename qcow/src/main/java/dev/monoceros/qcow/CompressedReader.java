package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Decompresses clusters. */
@FunctionalInterface
interface CompressedReader {
  /**
   * Puts a part of a compressed cluster into the remaining bytes of {@code target}.
   *
   * @param descriptor the L2 entry
   * @param from first byte of the part within the cluster
   */
  void read(long descriptor, int from, ByteBuffer target) throws ImageFault;
}

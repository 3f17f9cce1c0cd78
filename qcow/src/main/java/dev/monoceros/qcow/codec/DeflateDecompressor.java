package dev.monoceros.qcow.codec;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The JDK's zlib, whose window of 32 KiB serves the 4 KiB of the format as well. */
final class DeflateDecompressor implements ClusterDecompressor {
  private final Inflater inflater = new Inflater(true);

  /**
   * As in QEMU a full cluster is enough: where the stream ends is known to the sector only, so that
   * it may seem to go on.
   */
  @Override
  public boolean decompress(ByteBuffer source, ByteBuffer target) {
    inflater.reset();
    inflater.setInput(source);
    try {
      while (target.hasRemaining()) {
        if (inflater.inflate(target) == 0) {
          return false;
        }
      }
      return true;
    } catch (DataFormatException e) {
      return false;
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}

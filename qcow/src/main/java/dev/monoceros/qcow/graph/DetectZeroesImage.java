package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.graph.CommonOptions.DetectZeroes;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** The option {@code detect-zeroes}: a write of nothing but zeros becomes a zero write. */
final class DetectZeroesImage extends ForwardingImage {
  private final boolean mayUnmap;

  private DetectZeroesImage(DiskImage image, boolean mayUnmap) {
    super(image);
    this.mayUnmap = mayUnmap;
  }

  /** The node itself if the option is off or nothing can be written. */
  static Node over(Node node, CommonOptions common, OpenOptions options) throws ImageFault {
    if (common.detectZeroes() == DetectZeroes.OFF || node.readOnly()) {
      return node;
    }
    boolean unmap = common.detectZeroes() == DetectZeroes.UNMAP;
    DiskImage image = new DetectZeroesImage(node.asImage(options), unmap);
    return new Node(node.names(), new Node.Body.OfImage(image));
  }

  @Override
  public void write(long offset, ByteBuffer source) throws ImageException {
    if (source.hasRemaining() && isZero(source)) {
      writeZeroes(offset, source.remaining(), mayUnmap);
      source.position(source.limit());
    } else {
      super.write(offset, source);
    }
  }

  static boolean isZero(ByteBuffer bytes) {
    int at = bytes.position();
    int end = bytes.limit();
    while (at <= end - Long.BYTES) {
      if (bytes.getLong(at) != 0) {
        return false;
      }
      at += Long.BYTES;
    }
    while (at < end) {
      if (bytes.get(at++) != 0) {
        return false;
      }
    }
    return true;
  }
}

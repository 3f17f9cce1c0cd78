package dev.monoceros.cli.img;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;

/** Reads disks that may end within a sector, as if zeros filled that sector up. */
final class SectorReader {
  private SectorReader() {}

  /** Fills the remaining bytes of {@code target}. */
  static void read(DiskImage image, long offset, ByteBuffer target) throws ImageException {
    int limit = target.limit();
    long there = Math.max(0, image.size() - offset);
    if (target.remaining() > there) {
      target.limit(target.position() + (int) there);
    }
    if (target.hasRemaining()) {
      image.read(offset, target);
    }
    target.limit(limit);
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }
}

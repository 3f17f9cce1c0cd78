package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file whose last sector is whole, with zeros; QEMU's disks are whole sectors. */
final class SectorFile extends ForwardingFile {
  private static final int SECTOR = 512;

  private SectorFile(ImageFile file) {
    super(file);
  }

  /** The file itself if it is whole sectors already. */
  static ImageFile of(ImageFile file) throws IOException {
    return file.size() % SECTOR == 0 ? file : new SectorFile(file);
  }

  @Override
  public long size() throws IOException {
    return Math.addExact(file().size(), SECTOR - 1) & -SECTOR;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int got = super.read(target, position);
    if (got >= 0 || position >= size()) {
      return got;
    }
    int start = target.position();
    while (target.hasRemaining() && position + target.position() - start < size()) {
      target.put((byte) 0);
    }
    return target.position() - start;
  }

  @Override
  public long nextData(long position) throws IOException {
    long at = super.nextData(position);
    return at == file().size() ? size() : at;
  }
}

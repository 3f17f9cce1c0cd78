package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Preallocation;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A disk as the file of another image; it grows and shrinks as a file does, in whole sectors. */
final class ImageAsFile implements ImageFile {
  private static final int SECTOR = 512;

  private final DiskImage image;
  private final String name;

  ImageAsFile(DiskImage image, String name) {
    this.image = image;
    this.name = name;
  }

  @Override
  public Path path() {
    return FileName.path(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return image.size();
  }

  @Override
  public int read(ByteBuffer target, long position) throws ImageFault {
    long left = image.size() - position;
    if (!target.hasRemaining()) {
      return 0;
    }
    if (left <= 0) {
      return -1;
    }
    int limit = target.limit();
    int length = (int) Math.min(target.remaining(), left);
    try {
      image.read(position, target.limit(target.position() + length));
      return length;
    } catch (ImageException e) {
      throw e.asFault();
    } finally {
      target.limit(limit);
    }
  }

  @Override
  public void write(ByteBuffer source, long position) throws ImageFault {
    long end = Math.addExact(position, source.remaining());
    try {
      if (end > image.size()) {
        image.resize(Math.addExact(end, SECTOR - 1) & -SECTOR, Preallocation.OFF, false);
      }
      image.write(position, source);
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public void extend(long size) throws ImageFault {
    try {
      image.resize(Math.addExact(size, SECTOR - 1) & -SECTOR, Preallocation.OFF, false);
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public boolean punchHole(long position, long length) throws ImageFault {
    return zero(position, length, true);
  }

  @Override
  public boolean zeroRange(long position, long length) throws ImageFault {
    return zero(position, length, false);
  }

  private boolean zero(long position, long length, boolean mayUnmap) throws ImageFault {
    long end = Math.min(Math.addExact(position, length), image.size());
    try {
      if (position < end) {
        image.writeZeroes(position, end - position, mayUnmap);
      }
      return true;
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public long nextData(long position) throws ImageFault {
    return next(position, false);
  }

  @Override
  public long nextHole(long position) throws ImageFault {
    return next(position, true);
  }

  private long next(long position, boolean zero) throws ImageFault {
    long at = Math.min(position, image.size());
    try {
      while (at < image.size()) {
        Extent extent = image.extent(at, image.size() - at);
        if (extent.zero() == zero) {
          return at;
        }
        at = extent.end();
      }
      return at;
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public boolean knowsHoles() {
    return true;
  }

  @Override
  public long allocatedBytes() throws ImageFault {
    try {
      return image.info().allocatedBytes();
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public void truncate(long size) throws ImageFault {
    long sectors = Math.addExact(size, SECTOR - 1) & -SECTOR;
    try {
      if (sectors < image.size()) {
        image.resize(sectors, Preallocation.OFF, true);
      }
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public void force() throws ImageFault {
    try {
      image.flush();
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  @Override
  public void close() throws ImageFault {
    try {
      image.close();
    } catch (ImageException e) {
      throw e.asFault();
    }
  }
}

package dev.monoceros.tests.bench.l2;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Our library, with a cache of so many whole L2 tables' worth of slices. */
record CachedDisk(DiskImage image) implements Disk {
  static CachedDisk open(Path path, long cacheBytes) throws IOException {
    OpenOptions options =
        OpenOptions.defaults().withFormat(ImageFormat.QCOW2).withL2CacheSize(cacheBytes);
    return new CachedDisk(DiskImage.open(path, options));
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    image.read(offset, target);
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    image.write(offset, source);
  }

  @Override
  public void flush() throws IOException {
    image.flush();
  }

  @Override
  public void close() throws IOException {
    image.close();
  }
}

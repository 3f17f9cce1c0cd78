package dev.monoceros.machine.block;

import dev.monoceros.qcow.CacheStats;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Preallocation;
import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk image behind a block device. Bytes move straight between the file and guest RAM. */
public final class ImageDisk implements Disk {
  private static final int HOST_BLOCK = 4096;
  private static final int ERASE_BYTES = 1 << 20;

  private final DiskImage image;
  private IOException failure;

  private ImageDisk(DiskImage image) {
    this.image = image;
  }

  /**
   * Opens an image.
   *
   * @throws ImageException with one sentence for the user
   */
  public static ImageDisk open(Path file, OpenOptions options) throws ImageException {
    return new ImageDisk(DiskImage.open(file, options));
  }

  /** The image's size in whole sectors; QEMU, too, leaves out a raw file's odd tail. */
  @Override
  public long capacitySectors() {
    return image.size() / SECTOR_SIZE;
  }

  @Override
  public boolean readOnly() {
    return image.readOnly();
  }

  @Override
  public void read(long offset, GuestBuffers target) throws IOException {
    if (target.count() == 1) {
      read(offset, target.slice(0));
    } else {
      noting(() -> image.read(offset, slices(target)));
    }
  }

  @Override
  public void write(long offset, GuestBuffers source) throws IOException {
    if (source.count() == 1) {
      write(offset, source.slice(0));
    } else {
      noting(() -> image.write(offset, slices(source)));
    }
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    noting(() -> image.read(offset, target));
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    noting(() -> image.write(offset, source));
  }

  /** A refusal is no failure of the image. */
  @Override
  public void resize(long bytes) throws IOException {
    image.resize(bytes, Preallocation.OFF, true);
  }

  private static List<MemorySegment> slices(GuestBuffers buffers) {
    List<MemorySegment> slices = new ArrayList<>(buffers.count());
    for (int i = 0; i < buffers.count(); i++) {
      slices.add(buffers.slice(i));
    }
    return slices;
  }

  @Override
  public void flush() throws IOException {
    noting(image::flush);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    noting(() -> image.writeZeroes(offset, length, mayUnmap));
  }

  /** A QCOW image of version 1 has no way to give a cluster up. */
  private boolean givesUp() {
    return image.format() != ImageFormat.QCOW;
  }

  @Override
  public boolean unmapsZeroes() {
    return givesUp();
  }

  @Override
  public boolean discards() {
    return givesUp();
  }

  /**
   * The unit of allocation. Of a raw file it is the host's file system that has one; told is what
   * nearly all have, whatever this one has, so that the guest's run does not depend on it.
   */
  @Override
  public int discardAlignment() {
    return image.format() == ImageFormat.RAW ? HOST_BLOCK : image.clusterSize();
  }

  /** What a QCOW image gives up or moves leaves its old bytes in the file; a raw file does not. */
  @Override
  public boolean erasesSecurely() {
    return image.format() == ImageFormat.RAW && !image.readOnly();
  }

  /** Overwrites with zeros: a request to zero could be answered by the host with a hole. */
  @Override
  public void secureErase(long offset, long length) throws IOException {
    if (!erasesSecurely()) {
      throw new IOException("this disk cannot erase securely");
    }
    MemorySegment zeroes = MemorySegment.ofArray(new byte[ERASE_BYTES]);
    for (long done = 0; done < length; done += ERASE_BYTES) {
      write(offset + done, zeroes.asSlice(0, Math.min(length - done, ERASE_BYTES)));
    }
    flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    noting(() -> image.discard(offset, length));
  }

  /** Remembers the first failure of the image. */
  private void noting(ImageCall call) throws ImageException {
    try {
      call.make();
    } catch (ImageException e) {
      if (failure == null) {
        failure = e;
      }
      throw e;
    }
  }

  private interface ImageCall {
    void make() throws ImageException;
  }

  @Override
  public CacheCounts cacheCounts() {
    CacheStats l2 = image.stats().l2();
    return new CacheCounts(l2.hits(), l2.misses(), l2.evictions(), l2.writeBacks());
  }

  @Override
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() throws IOException {
    image.close();
  }
}

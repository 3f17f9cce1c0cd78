package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderWriter;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import dev.monoceros.qcow.io.OrderedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Creates empty images: checks the options, writes the metadata, header last. */
final class ImageCreator {
  private static final int SECTOR = 512;

  private ImageCreator() {}

  static DiskImage create(Path path, CreateOptions options) throws ImageException {
    boolean existed = Files.exists(path);
    ImageFile file = null;
    try {
      EmptyImage empty = options.format() == ImageFormat.RAW ? null : plan(options);
      long size = sectors(options.size());
      file = HostFile.create(path, options.overwrite());
      OrderedFile ordered = new OrderedFile(file);
      if (empty == null) {
        ordered.extendTo(size);
      } else {
        write(ordered, empty);
      }
      ordered.barrier();
    } catch (ImageFault e) {
      if (file != null) {
        abandon(file, existed, e);
      }
      throw ImageException.of(path, Operation.CREATE, e);
    }
    return ImageOpener.open(file, OpenOptions.defaults().withFormat(options.format()));
  }

  private static long sectors(long size) throws ImageFault {
    if (size < 0 || size > Long.MAX_VALUE - SECTOR) {
      throw bad("the disk size " + size + " is out of range");
    }
    return (size + SECTOR - 1) & -SECTOR;
  }

  private static EmptyImage plan(CreateOptions options) throws ImageFault {
    if (options.format() != ImageFormat.QCOW2) {
      throw bad("an image is created as QCOW2 or raw");
    }
    long clusterSize = options.clusterSize();
    if (Long.bitCount(clusterSize) != 1
        || clusterSize < 1 << Geometry.MIN_CLUSTER_BITS
        || clusterSize > 1 << Geometry.MAX_CLUSTER_BITS) {
      throw bad("the cluster size must be a power of two from 512 to 2097152");
    }
    if (options.version() != 2 && options.version() != 3) {
      throw bad("the QCOW2 version must be 2 or 3");
    }
    int bits = options.refcountBits();
    if (Integer.bitCount(bits) != 1 || bits < 1 || bits > Long.SIZE) {
      throw bad("the refcount width must be a power of two from 1 to 64 bits");
    }
    int order = Integer.numberOfTrailingZeros(bits);
    if (options.version() == 2 && order != Geometry.VERSION2_REFCOUNT_ORDER) {
      throw bad("version 2 has refcounts of 16 bits only");
    }
    Geometry geometry = new Geometry(Long.numberOfTrailingZeros(clusterSize), order);
    return EmptyImage.plan(geometry, options.version(), sectors(options.size()));
  }

  private static void write(OrderedFile file, EmptyImage empty) throws ImageFault {
    file.write(empty.refcountTable(), empty.refcountTableOffset());
    for (int i = 0; i < empty.blocks(); i++) {
      file.write(empty.refcountBlock(i), empty.blockOffset(i));
    }
    file.extendTo(empty.fileSize());
    file.barrier();
    file.write(HeaderWriter.encode(empty.header()), 0);
  }

  /** Leaves no half-made image behind where there was none. */
  private static void abandon(ImageFile file, boolean existed, ImageFault failure) {
    try (file) {
      if (!existed) {
        Files.deleteIfExists(file.path());
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static ImageFault bad(String sentence) {
    return new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, sentence);
  }
}

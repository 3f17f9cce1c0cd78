package dev.monoceros.qcow;

import dev.monoceros.qcow.format.FormatProbe;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderParser;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import dev.monoceros.qcow.io.OrderedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Opens images: file, format, header, caches, overlay; on failure nothing stays open. */
final class ImageOpener {
  private ImageOpener() {}

  static DiskImage open(Path path, OpenOptions options) throws ImageException {
    ImageFile file;
    try {
      file = HostFile.open(path, !options.fileReadOnly());
    } catch (ImageFault e) {
      throw ImageException.of(path, Operation.OPEN, e);
    }
    return open(file, options);
  }

  static DiskImage open(ImageFile file, OpenOptions options) throws ImageException {
    Path path = file.path();
    try {
      BaseImage image = openBase(path, new OrderedFile(file), options);
      options.context().ifPresent(image::standIn);
      if (!options.snapshot()) {
        return image;
      }
      BaseImage overlay = new OverlayImage(path, image, options.readOnly(), options.overlayLimit());
      options.context().ifPresent(overlay::standIn);
      return overlay;
    } catch (ImageFault e) {
      close(file, e);
      throw ImageException.of(path, Operation.OPEN, e);
    } catch (RuntimeException e) {
      close(file, e);
      throw e;
    }
  }

  private static BaseImage openBase(Path path, OrderedFile file, OpenOptions options)
      throws ImageFault {
    return switch (options.format()) {
      case QCOW2 -> openQcow2(path, file, options);
      case RAW -> new RawImage(path, file, options.fileReadOnly(), false);
      case QCOW -> throw ImageFault.unsupported(0, "is a QCOW version 1 image, not supported");
      case PROBE -> {
        String found = FormatProbe.probe(start(file, FormatProbe.SECTOR));
        yield switch (found) {
          case FormatProbe.QCOW -> openQcow2(path, file, options);
          case FormatProbe.RAW -> new RawImage(path, file, options.fileReadOnly(), true);
          default ->
              throw ImageFault.unsupported(
                  0, "is a " + found + " image, a format that is not supported");
        };
      }
    };
  }

  private static Qcow2Image openQcow2(Path path, OrderedFile file, OpenOptions options)
      throws ImageFault {
    if (file.size() == 0) {
      throw new ImageFault(ErrorKind.WRONG_FORMAT, 0, "is empty, not a QCOW2 image");
    }
    // The smallest cluster holds every fixed field of the header.
    int clusterSize = HeaderParser.clusterSize(start(file, 1 << Geometry.MIN_CLUSTER_BITS));
    Header header = HeaderParser.parse(start(file, clusterSize), file.size());
    return Qcow2Image.open(path, file, header, options);
  }

  /** The first {@code length} bytes of the file, or all of a shorter one. */
  private static ByteBuffer start(OrderedFile file, int length) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, file.size()));
    file.read(bytes, 0);
    return bytes.flip();
  }

  private static void close(ImageFile file, Exception failure) {
    try {
      file.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}

package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.util.Optional;

/**
 * An open node of the graph.
 *
 * @param body what it serves
 */
record Node(NodeName names, Body body) {
  /** A protocol serves a file, everything else a disk. */
  sealed interface Body {
    record OfFile(ImageFile file, boolean readOnly) implements Body {}

    record OfImage(DiskImage image) implements Body {}
  }

  boolean readOnly() {
    return switch (body) {
      case Body.OfFile(ImageFile _, boolean readOnly) -> readOnly;
      case Body.OfImage(DiskImage image) -> image.readOnly();
    };
  }

  /** As the file of an image above. */
  ImageFile asFile() {
    return switch (body) {
      case Body.OfFile(ImageFile file, boolean _) -> file;
      case Body.OfImage(DiskImage image) -> new ImageAsFile(image, names.fileName());
    };
  }

  /** As a disk; a file is one as it stands. */
  DiskImage asImage(OpenOptions options) throws ImageFault {
    return switch (body) {
      case Body.OfImage(DiskImage image) -> image;
      case Body.OfFile(ImageFile file, boolean readOnly) -> {
        try {
          yield DiskImage.open(
              file,
              options
                  .withFormat(ImageFormat.RAW)
                  .withReadOnly(readOnly)
                  .withContext(Optional.of(new PlainContext(names))));
        } catch (ImageException e) {
          throw e.asFault();
        }
      }
    };
  }

  /** Closes it after {@code failure}, which remembers what goes wrong on the way. */
  void closeAfter(Exception failure) {
    try {
      switch (body) {
        case Body.OfFile(ImageFile file, boolean _) -> file.close();
        case Body.OfImage(DiskImage image) -> image.close();
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}

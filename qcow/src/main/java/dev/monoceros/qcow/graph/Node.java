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
  /**
   * A protocol serves a file, everything else a disk. Methods, not switches over the two: each such
   * switch costs the start of a process some milliseconds.
   */
  sealed interface Body {
    boolean readOnly();

    ImageFile asFile(NodeName names);

    DiskImage asImage(NodeName names, OpenOptions options) throws ImageException;

    void close() throws IOException;

    record OfFile(ImageFile file, boolean readOnly) implements Body {
      @Override
      public ImageFile asFile(NodeName names) {
        return file;
      }

      @Override
      public DiskImage asImage(NodeName names, OpenOptions options) throws ImageException {
        return DiskImage.open(
            file,
            options
                .withFormat(ImageFormat.RAW)
                .withReadOnly(readOnly)
                .withContext(Optional.of(new PlainContext(names))));
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    }

    record OfImage(DiskImage image) implements Body {
      @Override
      public boolean readOnly() {
        return image.readOnly();
      }

      @Override
      public ImageFile asFile(NodeName names) {
        return new ImageAsFile(image, names.fileName());
      }

      @Override
      public DiskImage asImage(NodeName names, OpenOptions options) {
        return image;
      }

      @Override
      public void close() throws IOException {
        image.close();
      }
    }
  }

  boolean readOnly() {
    return body.readOnly();
  }

  /** As the file of an image above. */
  ImageFile asFile() {
    return body.asFile(names);
  }

  /** As a disk; a file is one as it stands. */
  DiskImage asImage(OpenOptions options) throws ImageFault {
    try {
      return body.asImage(names, options);
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  /** Closes it after {@code failure}, which remembers what goes wrong on the way. */
  void closeAfter(Exception failure) {
    try {
      body.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}

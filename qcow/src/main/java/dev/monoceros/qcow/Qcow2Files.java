package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/**
 * The files of a QCOW2 image.
 *
 * @param image holds the metadata
 * @param data holds the data clusters; the same file unless there is an external data file
 */
record Qcow2Files(OrderedFile image, OrderedFile data) {
  boolean external() {
    return data != image;
  }

  long reads() {
    return image.reads() + (external() ? data.reads() : 0);
  }

  long writes() {
    return image.writes() + (external() ? data.writes() : 0);
  }

  long barriers() {
    return image.barriers() + (external() ? data.barriers() : 0);
  }

  void close() throws ImageFault {
    try {
      if (external()) {
        data.close();
      }
    } finally {
      image.close();
    }
  }
}

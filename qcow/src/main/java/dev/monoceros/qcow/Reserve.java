package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** Makes the host keep room for a part of a file that reads as zero. */
final class Reserve {
  private Reserve() {}

  static void on(OrderedFile file, long offset, long length, Preallocation mode) throws ImageFault {
    switch (mode) {
      case OFF, METADATA -> {}
      case FALLOC -> {
        if (!file.allocate(offset, length)) {
          file.writeZeroes(offset, length);
        }
      }
      case FULL -> file.writeZeroes(offset, length);
    }
  }
}

package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Which of the images that an image names may be opened. */
final class BackingRules {
  private BackingRules() {}

  /**
   * @param full the name as it would be opened
   * @param image that holds the reference
   */
  static void check(
      BackingPolicy policy, BackingReference reference, Optional<String> full, NodeName image)
      throws ImageFault {
    switch (policy) {
      case ALLOW, IGNORE -> {}
      case REFUSE -> throw refused(reference, "backing files are not allowed");
      case SAME_DIRECTORY -> {
        if (reference.format().isEmpty()) {
          throw refused(reference, "its format is not stated");
        }
        String name = full.orElse(reference.name());
        if (FileName.protocol(name).isPresent() || !isBelow(image.directory(), name)) {
          throw refused(reference, "it is not in the directory of the image");
        }
      }
    }
  }

  private static ImageFault refused(BackingReference reference, String why) {
    return new ImageFault(
        ErrorKind.UNSUPPORTED,
        ImageFault.NO_OFFSET,
        "needs the backing file '" + reference.name() + "': " + why);
  }

  private static boolean isBelow(String directory, String name) throws ImageFault {
    try {
      Path above = FileName.path(directory.isEmpty() ? "." : directory).toRealPath();
      return FileName.path(name).toRealPath().startsWith(above);
    } catch (IOException e) {
      throw new ImageFault(
          ErrorKind.NOT_FOUND,
          ImageFault.NO_OFFSET,
          "Could not open backing file: Could not open '" + name + "': No such file or directory");
    }
  }
}

package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.nio.file.Path;

/** Opens the files that an image names: the host's, or a test's. */
@FunctionalInterface
interface FileSource {
  /**
   * Opens an existing file.
   *
   * @throws ImageFault NOT_FOUND, ACCESS_DENIED, LOCKED or IO
   */
  ImageFile open(Path path, boolean writable) throws ImageFault;
}

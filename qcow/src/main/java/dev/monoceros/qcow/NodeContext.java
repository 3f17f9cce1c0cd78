package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ImageFile;
import java.util.Optional;

/**
 * What an image is told of the block graph it stands in: how it is called there, and who opens the
 * other files it names. Without one an image goes by its path, and plain names are opened relative
 * to its directory.
 */
public interface NodeContext {
  /** Name of the image for {@link ImageInfo#fileName}. */
  String name();

  /** QEMU's name of the driver; see {@link DiskImage#driver}. */
  String driver();

  /** The name of the image below in full, or empty if its directory cannot be told. */
  Optional<String> fullBackingName(BackingReference reference);

  /**
   * Opens the image below.
   *
   * @param stored what the image itself says; empty if it names none
   * @return empty if there is to be none, whatever the image says; closed with the image above
   * @throws ImageException of any kind; the sentence is said of the image above
   */
  Optional<DiskImage> openBacking(Optional<BackingReference> stored) throws ImageException;

  /**
   * Opens the external data file of an image that has one.
   *
   * @param stored its name in the image; empty if the image has lost it
   * @param readOnly whether the image is open for reading only
   * @throws ImageException of any kind; the sentence is said of the image
   */
  ImageFile openDataFile(Optional<String> stored, boolean readOnly) throws ImageException;
}

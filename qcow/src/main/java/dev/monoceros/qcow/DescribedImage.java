package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Encryption;
import dev.monoceros.qcow.format.LuksHeader;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.util.Optional;

/**
 * An encrypted image that is looked at from outside ({@link OpenOptions#describeOnly}): its size
 * and what it says of itself, never its contents.
 */
final class DescribedImage extends UnservedImage {
  private final BaseImage image;
  private final ImageInfo.Encryption encryption;

  private DescribedImage(BaseImage image, ImageInfo.Encryption encryption) {
    super(image.path(), image.size(), true);
    this.image = image;
    this.encryption = encryption;
  }

  static DescribedImage of(BaseImage image, Encryption method, Optional<LuksHeader> luks) {
    return new DescribedImage(
        image, new ImageInfo.Encryption(method == Encryption.LUKS, luks.map(LuksInfo::of)));
  }

  /** What is said of an encrypted image, in a graph in QEMU's words. */
  static ImageFault refusal(int offset, Encryption method, boolean graph) {
    String sentence =
        graph
            ? "Parameter 'encrypt.key-secret' is required for cipher"
            : "is encrypted (" + method + "), not supported";
    return new ImageFault(ErrorKind.UNSUPPORTED, offset, sentence);
  }

  @Override
  ImageFault refusal() {
    return unsupported("a key");
  }

  @Override
  public ImageFormat format() {
    return image.format();
  }

  @Override
  public int clusterSize() {
    return image.clusterSize();
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    return image.currentInfo().encryptedBy(encryption);
  }

  @Override
  BaseImage base() {
    return image.base();
  }

  @Override
  void flushAll() {}

  @Override
  ImageStats currentStats() {
    return image.currentStats();
  }

  @Override
  void closeAll() throws ImageFault {
    image.closeFromAbove();
  }
}

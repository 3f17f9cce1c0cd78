package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.format.Encryption;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.HeaderParser;
import dev.monoceros.qcow.format.Qcow1Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** The options {@code encrypt.*} of qcow2, which must fit what the image says of itself. */
final class EncryptOptions {
  static final String KEY = "encrypt.key-secret";
  private static final String PREFIX = "encrypt.";
  private static final String FORMAT = "format";
  private static final String SECRET = "key-secret";
  private static final int START = 104;

  private EncryptOptions() {}

  /**
   * Takes them out of {@code map}.
   *
   * @param describe whether the image is only to be described, which takes no key
   */
  static void check(OptionMap map, ImageFile file, boolean describe) throws ImageFault {
    OptionMap given = map.takeBelow(PREFIX);
    if (given.isEmpty()) {
      return;
    }
    String format = given.text(FORMAT);
    Encryption method = method(file);
    if (method == Encryption.NONE) {
      if (format != null) {
        throw GraphFault.bad(
            "No encryption in image header, but options specified format '" + format + "'");
      }
      return;
    }
    String real = method.name().toLowerCase(Locale.ROOT);
    if (format != null && !format.equals(real)) {
      throw GraphFault.bad(
          "Header reported '%s' encryption format but options specify '%s'"
              .formatted(real, format));
    }
    for (String key : given.keys()) {
      if (!key.equals(FORMAT) && !key.equals(SECRET)) {
        throw GraphFault.bad("Parameter '" + key + "' is unexpected");
      }
    }
    if (given.has(SECRET) && !describe) {
      // A key changes nothing here, and asking for one would be misleading.
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "is encrypted (" + method + "), not supported");
    }
  }

  /** True if an image was refused because it is encrypted. */
  static boolean isRefusal(ImageFault fault) {
    return fault.kind() == ErrorKind.UNSUPPORTED && fault.offset() == HeaderField.CRYPT_METHOD;
  }

  /** What is wrong with the image otherwise is said by who opens it. */
  private static Encryption method(ImageFile file) throws ImageFault {
    ByteBuffer start = ByteBuffer.allocate(START);
    try {
      while (start.hasRemaining() && file.read(start, start.position()) > 0) {}
    } catch (IOException e) {
      throw new ImageFault(ErrorKind.IO, 0, "Could not read qcow2 header: " + e.getMessage());
    }
    start.flip();
    return Qcow1Header.matches(start) ? Encryption.NONE : HeaderParser.encryption(start);
  }
}

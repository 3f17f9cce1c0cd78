package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ImageFault;

/** How the contents of an image are encrypted: header field {@code crypt_method}. */
public enum Encryption {
  NONE,
  /** The old scheme, one key for all. */
  AES,
  LUKS;

  private static final int LAST = 2;

  /** Reads the field of a version 2 or 3 header. */
  static Encryption of(int method) throws ImageFault {
    if (method < 0 || method > LAST) {
      throw ImageFault.unsupported(
          HeaderField.CRYPT_METHOD,
          "Unsupported encryption method " + Integer.toUnsignedString(method));
    }
    return values()[method];
  }
}

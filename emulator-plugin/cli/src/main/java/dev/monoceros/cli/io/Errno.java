package dev.monoceros.cli.io;

import dev.monoceros.qcow.ImageException;

/**
 * The C library's words for what went wrong, which is all that {@code qemu-io} says of a request.
 */
enum Errno {
  OPERATION_NOT_PERMITTED("Operation not permitted"),
  NO_ENTRY("No such file or directory"),
  IO("Input/output error"),
  AGAIN("Resource temporarily unavailable"),
  ACCESS("Permission denied"),
  EXISTS("File exists"),
  INVALID("Invalid argument"),
  TOO_BIG("File too large"),
  NO_SPACE("No space left on device"),
  RANGE("Numerical result out of range"),
  NOT_SUPPORTED("Operation not supported"),
  QUOTA("Disk quota exceeded");

  private final String text;

  Errno(String text) {
    this.text = text;
  }

  /** strerror(3). */
  String text() {
    return text;
  }

  /** What the failure of a request comes down to. */
  static Errno of(ImageException failure) {
    return switch (failure.kind()) {
      case NOT_FOUND -> NO_ENTRY;
      case ACCESS_DENIED, DIRTY -> ACCESS;
      case EXISTS -> EXISTS;
      case LOCKED -> AGAIN;
      case WRONG_FORMAT, BAD_OPTION -> INVALID;
      case UNSUPPORTED -> NOT_SUPPORTED;
      case READ_ONLY, FORMAT_GUARD -> OPERATION_NOT_PERMITTED;
      case NO_SPACE -> said(failure, NO_SPACE);
      case CORRUPT -> IO;
      case IO -> said(failure, IO);
    };
  }

  /** The host's own word, which the JDK passes on as text, or else {@code otherwise}. */
  private static Errno said(ImageException failure, Errno otherwise) {
    String message =
        failure.getCause() == null ? "" : String.valueOf(failure.getCause().getMessage());
    for (Errno candidate : values()) {
      if (message.contains(candidate.text)) {
        return candidate;
      }
    }
    return otherwise;
  }
}

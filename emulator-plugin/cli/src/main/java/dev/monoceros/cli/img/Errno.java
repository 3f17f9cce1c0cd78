package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Reason;
import dev.monoceros.qcow.ImageException;

/** What C's {@code strerror} says of a failure, where QEMU passes nothing on but the number. */
final class Errno {
  static final String IO = "Input/output error";

  private Errno() {}

  static String of(ImageException e) {
    return switch (e.kind()) {
      case NOT_FOUND -> "No such file or directory";
      case ACCESS_DENIED -> "Permission denied";
      case EXISTS -> "File exists";
      case NO_SPACE -> "No space left on device";
      case READ_ONLY -> "Operation not permitted";
      case UNSUPPORTED -> "Operation not supported";
      case BAD_OPTION -> "Invalid argument";
      case CORRUPT, DIRTY, FORMAT_GUARD, WRONG_FORMAT -> IO;
      case LOCKED -> "Resource temporarily unavailable";
      case IO -> host(e);
    };
  }

  private static String host(ImageException e) {
    Throwable cause = e.getCause();
    return cause == null || cause.getMessage() == null ? Reason.of(e) : cause.getMessage();
  }
}

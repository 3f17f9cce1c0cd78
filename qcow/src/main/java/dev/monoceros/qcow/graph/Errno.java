package dev.monoceros.qcow.graph;

/** What the C library says of an error number of Linux. */
final class Errno {
  static final int EIO = 5;

  private Errno() {}

  static String text(int errno) {
    return switch (errno) {
      case 1 -> "Operation not permitted";
      case 2 -> "No such file or directory";
      case 4 -> "Interrupted system call";
      case EIO -> "Input/output error";
      case 6 -> "No such device or address";
      case 9 -> "Bad file descriptor";
      case 11 -> "Resource temporarily unavailable";
      case 12 -> "Cannot allocate memory";
      case 13 -> "Permission denied";
      case 14 -> "Bad address";
      case 16 -> "Device or resource busy";
      case 17 -> "File exists";
      case 19 -> "No such device";
      case 22 -> "Invalid argument";
      case 27 -> "File too large";
      case 28 -> "No space left on device";
      case 30 -> "Read-only file system";
      case 32 -> "Broken pipe";
      case 95 -> "Operation not supported";
      case 110 -> "Connection timed out";
      case 121 -> "Remote I/O error";
      case 122 -> "Disk quota exceeded";
      case 123 -> "No medium found";
      case 125 -> "Operation canceled";
      default -> "Unknown error " + errno;
    };
  }
}

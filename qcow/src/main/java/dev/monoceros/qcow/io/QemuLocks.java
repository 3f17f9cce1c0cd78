package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * QEMU's locks on image files (block/file-posix.c, raw_check_lock_bytes): a shared lock on byte 100
 * + n for each permission n in use, on byte 200 + n for each one that others may not have. After
 * taking its own, everybody looks whether the counterparts are free.
 *
 * <p>A user of an image reads it consistently, a writer also writes and resizes; neither lets
 * others write or resize.
 */
final class QemuLocks {
  private static final long IN_USE = 100;
  private static final long NOT_SHARED = 200;

  private enum Permission {
    CONSISTENT_READ(0, "consistent read"),
    WRITE(1, "write"),
    RESIZE(3, "resize");

    private final int number;
    private final String qemuName;

    Permission(int number, String qemuName) {
      this.number = number;
      this.qemuName = qemuName;
    }

    boolean used(boolean writable) {
      return writable || this == CONSISTENT_READ;
    }

    boolean shared() {
      return this == CONSISTENT_READ;
    }
  }

  private QemuLocks() {}

  /**
   * Takes the locks; they last until {@code file} is closed.
   *
   * @param path for the message
   * @throws ImageFault LOCKED if somebody has the image, in QEMU's words
   */
  static void take(NativeFile file, boolean writable, Path path) throws IOException {
    for (Permission p : Permission.values()) {
      if ((p.used(writable) && !file.lockShared(IN_USE + p.number))
          || (!p.shared() && !file.lockShared(NOT_SHARED + p.number))) {
        throw refused(writable, path);
      }
    }
    for (Permission p : Permission.values()) {
      if (p.used(writable) && file.lockedByOthers(NOT_SHARED + p.number)) {
        throw locked("Failed to get \"" + p.qemuName + "\" lock", path);
      }
    }
    for (Permission p : Permission.values()) {
      if (!p.shared() && file.lockedByOthers(IN_USE + p.number)) {
        throw locked("Failed to get shared \"" + p.qemuName + "\" lock", path);
      }
    }
  }

  /** Somebody has the whole file for itself, or no native call said more. */
  static ImageFault refused(boolean writable, Path path) {
    return locked("Failed to get " + (writable ? "" : "shared ") + "\"write\" lock", path);
  }

  private static ImageFault locked(String sentence, Path path) {
    return new ImageFault(ErrorKind.LOCKED, ImageFault.NO_OFFSET, sentence)
        .withHint("Is another process using the image [" + path + "]?");
  }
}

package dev.monoceros.cli.disk;

import java.io.IOException;

/** What a disk holds is not what its own headers say. The message is one sentence. */
public final class DiskFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  DiskFormatException(String message) {
    super(message);
  }
}

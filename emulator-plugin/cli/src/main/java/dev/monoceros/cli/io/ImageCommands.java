package dev.monoceros.cli.io;

import dev.monoceros.qcow.ImageException;

/** Commands for the image as a whole. */
final class ImageCommands {
  private static final int SECTOR = 512;

  private ImageCommands() {}

  static boolean aioFlush(Session session, Arguments arguments) {
    session.drain();
    return true;
  }

  /** {@code flush}; a failure only shows in the exit code, as in QEMU. */
  static boolean flush(Session session, Arguments arguments) {
    session.drain();
    if (session.openFile().readOnly()) {
      return true;
    }
    try {
      session.openFile().image().flush();
      return true;
    } catch (ImageException e) {
      return false;
    }
  }

  /** {@code length}, in whole sectors. */
  static boolean length(Session session, Arguments arguments) {
    long size = session.openFile().image().size();
    session.out().line(Report.size((size + SECTOR - 1) / SECTOR * (double) SECTOR));
    return true;
  }

  static boolean close(Session session, Arguments arguments) {
    session.close();
    return true;
  }

  static boolean quit(Session session, Arguments arguments) {
    session.end();
    return true;
  }
}

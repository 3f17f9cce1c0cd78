package dev.monoceros.cli.io;

/** Commands that stop requests at an event of the driver blkdebug. */
final class BreakpointCommands {
  private BreakpointCommands() {}

  static boolean set(Session session, Arguments arguments) {
    session.out().line("Could not set breakpoint: " + Errno.NOT_SUPPORTED.text());
    return false;
  }

  static boolean remove(Session session, Arguments arguments) {
    session
        .out()
        .line(
            "Could not remove breakpoint " + arguments.word(1) + ": " + Errno.NOT_SUPPORTED.text());
    return false;
  }

  static boolean resume(Session session, Arguments arguments) {
    session.out().line("Could not resume request: " + Errno.NOT_SUPPORTED.text());
    return false;
  }

  /** Without blkdebug nothing is ever suspended; QEMU waits for ever, which helps nobody. */
  static boolean await(Session session, Arguments arguments) {
    session.out().line("Could not wait for breakpoint: " + Errno.NOT_SUPPORTED.text());
    return false;
  }
}

package dev.monoceros.cli.io;

import dev.monoceros.qcow.graph.Breakpoints;

/** Commands that stop requests at an event of the driver blkdebug. */
final class BreakpointCommands {
  private BreakpointCommands() {}

  /** What it says where no breakpoint, or no event, of that name is. */
  private static String reason(Breakpoints breakpoints) {
    return (breakpoints.served() ? Errno.NO_ENTRY : Errno.NOT_SUPPORTED).text();
  }

  private static boolean report(Session session, boolean done, String failure) {
    if (!done) {
      session.out().line(failure + ": " + reason(session.breakpoints()));
    }
    return done;
  }

  /** {@code break event tag}. */
  static boolean set(Session session, Arguments arguments) {
    Breakpoints breakpoints = session.breakpoints();
    session.startOutstanding();
    boolean done = breakpoints.served() && breakpoints.set(arguments.word(1), arguments.word(2));
    return report(session, done, "Could not set breakpoint");
  }

  /** {@code remove_break tag}. */
  static boolean remove(Session session, Arguments arguments) {
    String tag = arguments.word(1);
    boolean done = session.breakpoints().remove(tag);
    session.goOn();
    return report(session, done, "Could not remove breakpoint " + tag);
  }

  /** {@code resume tag}. */
  static boolean resume(Session session, Arguments arguments) {
    boolean done = session.breakpoints().resume(arguments.word(1));
    session.goOn();
    return report(session, done, "Could not resume request");
  }

  /** {@code wait_break tag}; QEMU waits for ever for what nothing can bring about. */
  static boolean await(Session session, Arguments arguments) {
    String tag = arguments.word(1);
    session.drain();
    if (session.breakpoints().suspended(tag)) {
      return true;
    }
    session.out().error("no request '" + tag + "' is suspended or will be");
    return false;
  }
}

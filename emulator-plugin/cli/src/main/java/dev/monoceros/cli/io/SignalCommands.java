package dev.monoceros.cli.io;

import java.util.concurrent.TimeUnit;

/** Commands that wait for, or end, the process. */
final class SignalCommands {
  private static final int ABORT = 6;
  private static final int LARGEST_SIGNAL = 65;

  private SignalCommands() {}

  /** {@code abort}: nothing is flushed, neither the image nor what was printed. */
  static boolean abort(Session session, Arguments arguments) {
    session.host().raise(ABORT);
    return false;
  }

  /** {@code sigraise signal}. */
  static boolean raise(Session session, Arguments arguments) {
    Output out = session.out();
    long signal = session.size(arguments.word(1));
    if (signal < 0) {
      return false;
    }
    if (signal > LARGEST_SIGNAL) {
      out.line("signal argument '" + arguments.word(1) + "' is too large to be a valid signal");
      return false;
    }
    out.flush();
    session.host().raise((int) signal);
    return true;
  }

  /** {@code sleep milliseconds}. */
  static boolean sleep(Session session, Arguments arguments) {
    Output out = session.out();
    long millis = Numbers.integer(arguments.word(1));
    if (millis < 0) {
      out.line(arguments.word(1) + " is not a valid number");
      return false;
    }
    session.drain();
    out.flush();
    session.host().sleepNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    return true;
  }
}

package dev.monoceros.cli.io;

/** A command of the interpreter. */
interface Command {
  CommandInfo info();

  /**
   * Runs it.
   *
   * @return false if it failed, which the exit code will tell; it has said why
   */
  boolean run(Session session, Arguments arguments);

  /** Prints how the command is to be called. */
  default boolean misused(Session session) {
    session.out().print(info().usage());
    return false;
  }
}

package dev.monoceros.cli.io;

/** A command that is one function. */
record SimpleCommand(CommandInfo info, Action action) implements Command {
  /** What it does. */
  interface Action {
    boolean run(Session session, Arguments arguments);
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    return action.run(session, arguments);
  }
}

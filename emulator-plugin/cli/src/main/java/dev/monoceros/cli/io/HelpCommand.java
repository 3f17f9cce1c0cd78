package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.Optional;

/** {@code help}. */
final class HelpCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("help", Scope.ANYWHERE, 0, 1)
          .alias("?")
          .texts("[command]", "help for one or all commands");

  private final Commands commands;

  HelpCommand(Commands commands) {
    this.commands = commands;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    Output out = session.out();
    if (arguments.count() == 0) {
      for (Command command : commands.all()) {
        out.print(command.info().helpLine(command.info().name()));
      }
      out.print("\nUse 'help commandname' for extended help.\n");
      return true;
    }
    String name = arguments.word(1);
    Optional<Command> command = commands.find(name);
    if (command.isEmpty()) {
      out.line("command " + name + " not found");
      return false;
    }
    CommandInfo info = command.get().info();
    out.print(info.helpLine(name) + info.help());
    return true;
  }
}

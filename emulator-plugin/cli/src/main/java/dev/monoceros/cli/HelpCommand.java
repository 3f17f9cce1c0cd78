package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.exit.Failure;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code monoceros help}. */
final class HelpCommand implements Subcommand {
  private final HostContext host;
  private final Cli cli;

  HelpCommand(HostContext host, Cli cli) {
    this.host = host;
    this.cli = cli;
  }

  @Override
  public String name() {
    return "help";
  }

  @Override
  public String description() {
    return "Tells about the commands, or about one.";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("COMMAND")
            .arity("0..1")
            .type(String.class)
            .description("Which command.")
            .build());
  }

  @Override
  public int run(ParseResult options) throws IOException {
    String wanted = options.matchedPositionalValue(0, "");
    if (wanted.isEmpty()) {
      host.print(overview());
      return ExitCode.PASS;
    }
    Optional<Subcommand> command = cli.find(wanted);
    if (command.isEmpty()) {
      throw Failure.usage("there is no command " + wanted);
    }
    host.print(Cli.parser(command.get()).getUsageMessage());
    return ExitCode.PASS;
  }

  private String overview() {
    StringBuilder text =
        new StringBuilder("Usage: monoceros COMMAND [OPTION...]\n")
            .append("Runs an x86-64 Linux guest inside a JVM.\n\n");
    for (Subcommand command : cli.listed()) {
      text.append("  %-9s %s%n".formatted(command.name(), command.description()));
    }
    return text.append("\n'monoceros help COMMAND' tells the options.\n").toString();
  }
}

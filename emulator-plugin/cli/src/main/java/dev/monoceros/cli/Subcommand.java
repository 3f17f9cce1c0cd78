package dev.monoceros.cli;

import dev.monoceros.cli.exit.Failure;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * One command. The model of its options is built in code and not by annotations, and only for the
 * command that is asked for: that halves what picocli costs at every start.
 */
interface Subcommand {
  /** What the user types. */
  String name();

  /** One line for the list of commands. */
  String description();

  /** Adds options and positional parameters. */
  void describe(CommandSpec spec);

  /**
   * Does it.
   *
   * @return the exit code
   * @throws Failure and other exceptions that {@link Cli#fail} turns into a sentence
   */
  int run(ParseResult options) throws Exception;

  /** Whether lists of commands leave it out. */
  default boolean hidden() {
    return false;
  }

  /** An option with one value. */
  static OptionSpec option(String name, String label, String... description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .description(description)
        .build();
  }

  /** An option with one value that may be given again and again. */
  static OptionSpec repeatable(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(description)
        .build();
  }

  /** An option without a value. */
  static OptionSpec flag(String name, String... description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }
}

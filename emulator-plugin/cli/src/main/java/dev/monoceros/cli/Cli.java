package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.ImagesException;
import dev.monoceros.machine.MachineException;
import dev.monoceros.qcow.ImageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The command line: finds the command, and turns its failures into a sentence and an exit code. */
final class Cli {
  private static final String PROGRAM = "monoceros";

  private final HostContext host;
  private final List<Subcommand> commands;

  Cli(HostContext host) {
    this.host = host;
    this.commands =
        List.of(
            new RunCommand(host),
            new DemoCommand(host),
            new ToolCommand(host, "img", "Creates, changes and looks at disk images, as qemu-img."),
            new ToolCommand(host, "io", "Reads and writes disk images, as qemu-io."),
            new ImageCommand(host),
            new CacheCommand(host),
            new VersionCommand(host),
            new HelpCommand(host, this),
            new TrainCommand(host, this));
  }

  /** The commands that users are told about. */
  List<Subcommand> listed() {
    return commands.stream().filter(command -> !command.hidden()).toList();
  }

  Optional<Subcommand> find(String name) {
    return commands.stream().filter(command -> command.name().equals(name)).findFirst();
  }

  /** Runs one command line and returns its exit code. */
  int execute(String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    String name =
        switch (first) {
          case "-h", "--help" -> "help";
          case "-V", "--version" -> "version";
          default -> first;
        };
    Optional<Subcommand> command = find(name);
    try {
      if (command.isEmpty()) {
        String wrong = name.isEmpty() ? "no command was given" : "there is no command " + name;
        throw Failure.usage(wrong + ": there are " + names());
      }
      String[] own = Arrays.copyOfRange(arguments, 1, arguments.length);
      if (command.get() instanceof ToolCommand tool) {
        return tool.runWords(List.of(own));
      }
      return run(command.get(), own);
    } catch (ParameterException e) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      host.say(message + " (see '" + PROGRAM + " help " + name + "')");
      return ExitCode.USAGE;
    } catch (Exception e) {
      return fail(host, e);
    }
  }

  private String names() {
    return listed().stream().map(Subcommand::name).collect(Collectors.joining(", "));
  }

  private int run(Subcommand command, String... arguments) throws Exception {
    CommandLine line = parser(command);
    CommandLine.ParseResult options = line.parseArgs(arguments);
    if (options.isUsageHelpRequested()) {
      host.print(line.getUsageMessage());
      return ExitCode.PASS;
    }
    return command.run(options);
  }

  /** Picocli's parser and help of one command. */
  static CommandLine parser(Subcommand command) {
    CommandSpec spec = CommandSpec.create().name(PROGRAM + " " + command.name());
    spec.usageMessage()
        .description(command.description())
        .sortOptions(false)
        .autoWidth(true)
        .abbreviateSynopsis(true);
    command.describe(spec);
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Prints this.").build());
    return new CommandLine(spec).setExpandAtFiles(false);
  }

  /** One sentence and the exit code for what went wrong. */
  static int fail(HostContext host, Throwable e) {
    switch (e) {
      case Failure failure -> {
        host.say(failure.getMessage());
        return failure.exitCode();
      }
      case MachineException refused -> {
        host.say(refused.getMessage());
        return ExitCode.of(refused.kind());
      }
      case ImagesException images -> {
        host.say(images.getMessage());
        boolean input = images.kind() == ImagesException.Kind.BAD_INPUT;
        return input ? ExitCode.USAGE : ExitCode.EMULATOR_FAULT;
      }
      case ImageException image -> {
        host.say(image.getMessage());
        return ExitCode.IMAGE_ERROR;
      }
      case IOException io -> {
        host.say(io.getMessage() == null ? io.toString() : io.getMessage());
        return ExitCode.EMULATOR_FAULT;
      }
      default -> {
        host.say("this is a bug of Monoceros: " + e);
        e.printStackTrace(host.streams().err());
        return ExitCode.EMULATOR_FAULT;
      }
    }
  }
}

package dev.monoceros.cli;

import dev.monoceros.images.ImagesException;
import dev.monoceros.machine.MachineException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command and how its failures become one sentence and an exit code. */
@Command(
    name = "monoceros",
    description = "Runs an x86-64 Linux guest inside a JVM.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      CacheCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
final class MonocerosCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs one command line and returns its exit code. */
  static int execute(HostContext host, String... arguments) {
    PrintStream err = host.streams().err();
    CommandLine line =
        new CommandLine(new MonocerosCommand(), new CommandFactory(host))
            .setExpandAtFiles(false)
            .setOut(new PrintWriter(host.streams().out(), true))
            .setErr(new PrintWriter(err, true))
            .setParameterExceptionHandler((e, words) -> refuse(host, e))
            .setExecutionExceptionHandler((e, command, result) -> fail(host, e));
    return line.execute(arguments);
  }

  private static int refuse(HostContext host, ParameterException e) {
    if (e.getCause() instanceof Failure failure) {
      return fail(host, failure);
    }
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String command = e.getCommandLine().getCommandSpec().qualifiedName().replaceFirst("^\\S+", "");
    host.say(message + " (see 'monoceros help" + command + "')");
    return ExitCode.USAGE;
  }

  static int fail(HostContext host, Exception e) {
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

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command was given: there are run, demo, cache, version and help");
  }
}

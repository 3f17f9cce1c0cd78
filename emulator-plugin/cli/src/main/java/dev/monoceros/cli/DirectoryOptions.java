package dev.monoceros.cli;

import dev.monoceros.cli.directory.CopyOut;
import dev.monoceros.cli.directory.DirectoryRequest;
import dev.monoceros.cli.directory.RawWords;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.cli.options.ByteSize;
import dev.monoceros.cli.options.OptionException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The options of {@code run} for a directory and a command. */
final class DirectoryOptions {
  private static final long MIB = 1 << 20;
  private static final int MOST_COPIES = 20;
  private static final String ROOT = "--root";
  private static final List<String> OWN =
      List.of(
          "--overlay",
          "--copy-out",
          "--copy-limit",
          "--env",
          "--cwd",
          "--console",
          "--skip-unreadable");

  /** They talk to the console, or to a system that starts by itself. */
  private static final List<String> FOREIGN =
      List.of(
          "-i",
          "--cmdline-only",
          "--expect",
          "--expect-then",
          "--script",
          "--on-reset",
          "--serial2",
          "--console-log");

  private final ParseResult parsed;

  DirectoryOptions(ParseResult parsed) {
    this.parsed = parsed;
  }

  static void describe(CommandSpec spec) {
    spec.addOption(
        Subcommand.option(
            ROOT,
            "DIR",
            "Runs COMMAND with a copy of this directory as root file system, read-only; ends with"
                + " its status."));
    spec.addOption(
        Subcommand.flag("--overlay", "The guest may write to its copy; gone at the end."));
    spec.addOption(
        Subcommand.repeatable(
            "--copy-out",
            "GUEST:HOST",
            "Copies a file or directory of the guest when COMMAND has ended."));
    spec.addOption(
        Subcommand.option("--copy-limit", "SIZE", "The most that one --copy-out takes; 1G."));
    spec.addOption(Subcommand.repeatable("--env", "NAME=VALUE", "Sets a variable for COMMAND."));
    spec.addOption(Subcommand.option("--cwd", "DIR", "Where COMMAND starts; /."));
    spec.addOption(Subcommand.flag("--console", "Shows the kernel's console on standard error."));
    spec.addOption(
        Subcommand.flag("--skip-unreadable", "Leaves out of DIR what this user may not read."));
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("COMMAND")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("After --: program and arguments, for --root.")
            .build());
  }

  /** What was asked for, or empty if there is no {@code --root}. */
  Optional<DirectoryRequest> request() {
    List<String> words = parsed.matchedPositionalValue(0, List.of());
    Optional<String> root = value(ROOT);
    if (root.isEmpty()) {
      OWN.stream()
          .filter(parsed::hasMatchedOption)
          .findFirst()
          .ifPresent(
              option -> {
                throw Failure.usage(option + " is for " + ROOT);
              });
      if (!words.isEmpty()) {
        throw Failure.usage("a command needs a directory to run in: name one with " + ROOT);
      }
      return Optional.empty();
    }
    for (String option : FOREIGN) {
      if (parsed.hasMatchedOption(option)) {
        throw Failure.usage(option + " does not go with " + ROOT);
      }
    }
    if (words.isEmpty()) {
      throw Failure.usage(ROOT + " needs a command: give one after --");
    }
    return Optional.of(
        new DirectoryRequest(
            checked(ROOT, root.get(), Path::of),
            parsed.hasMatchedOption("--overlay"),
            parsed.hasMatchedOption("--skip-unreadable"),
            RawWords.last(words),
            environment(),
            directory(),
            copies(),
            copyLimit(),
            parsed.hasMatchedOption("--console")));
  }

  private SequencedMap<String, String> environment() {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    for (String text : values("--env")) {
      int equals = text.indexOf('=');
      if (equals < 0 || !text.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw Failure.usage("--env: '" + text + "' is not NAME=VALUE");
      }
      variables.put(text.substring(0, equals), RawWords.utf8(text.substring(equals + 1)));
    }
    return variables;
  }

  private String directory() {
    String directory = value("--cwd").orElse("/");
    if (!directory.startsWith("/")) {
      throw Failure.usage("--cwd: '" + directory + "' is not absolute");
    }
    return RawWords.utf8(directory);
  }

  private List<CopyOut> copies() {
    List<CopyOut> copies =
        values("--copy-out").stream()
            .map(text -> checked("--copy-out", text, CopyOut::parse))
            .toList();
    if (copies.size() > MOST_COPIES) {
      throw Failure.usage("--copy-out can be given " + MOST_COPIES + " times");
    }
    return copies;
  }

  private long copyLimit() {
    long limit =
        checked("--copy-limit", value("--copy-limit").orElse("1G"), t -> ByteSize.parse(t, MIB));
    if (limit < MIB || limit % MIB != 0) {
      throw Failure.usage("--copy-limit: give a whole number of MiB");
    }
    return limit;
  }

  private Optional<String> value(String option) {
    return Optional.ofNullable(parsed.matchedOptionValue(option, null));
  }

  private List<String> values(String option) {
    return parsed.matchedOptionValue(option, List.of());
  }

  private static <T> T checked(String option, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (OptionException e) {
      throw Failure.usage(option + ": " + e.getMessage());
    } catch (InvalidPathException e) {
      throw Failure.usage(option + ": '" + text + "' is no file name");
    }
  }
}

package dev.monoceros.cli;

import dev.monoceros.cli.boot.RunRequest;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.cli.options.ByteSize;
import dev.monoceros.cli.options.DiskOption;
import dev.monoceros.cli.options.OptionException;
import dev.monoceros.cli.options.ScriptFile;
import dev.monoceros.cli.options.SerialOption;
import dev.monoceros.cli.options.StartTime;
import dev.monoceros.cli.options.TimeSpan;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.boot.BootProtocol;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of {@code run}: what there are, and what was given. */
final class RunOptions {
  private static final long MIB = 1 << 20;

  private final ParseResult parsed;
  private final InstantSource clock;

  /**
   * What was given.
   *
   * @param clock what {@code --rtc host} means
   */
  RunOptions(ParseResult parsed, InstantSource clock) {
    this.parsed = parsed;
    this.clock = clock;
  }

  static void describe(CommandSpec spec) {
    spec.addOption(
        Subcommand.repeatable(
            "-d",
            "DISK",
            "A disk: FILE[,format=qcow2|qcow|raw][,ro][,snapshot][,serial=X][,l2-cache-size=N]"
                + "[,backing=allow][,transport=pci|mmio][,latency=default|zero]"
                + "[,cache=writeback|writethrough|unsafe][,num-queues=N][,packed=on]"
                + "[,discard=off]...;"
                + " the first is vda, the next vdb. Snapshot keeps writes in memory. A comma in"
                + " the name is doubled."));
    spec.addOption(
        Subcommand.option(
            "-k",
            "FILE",
            "The kernel: a bzImage or a vmlinux. Without one, what the first disk boots by default."));
    spec.addOption(
        Subcommand.option(
            "--boot",
            "linux|pvh",
            "How the kernel is entered: in 64-bit mode, or at its PVH entry point; linux."));
    spec.addOption(
        Subcommand.repeatable(
            "-i",
            "FILE",
            "An initramfs; several are concatenated. Without one, the disk's own or one made from the"
                + " kernel's modules, which is also what 'auto' stands for."));
    spec.addOption(
        Subcommand.option(
            "-p",
            "TEXT",
            "Added to the kernel's command line: that of the disk's boot entry with console=ttyS0"
                + " panic=-1; for -k, console=ttyS0 panic=-1 root=<first Linux partition, else the"
                + " disk>."));
    spec.addOption(Subcommand.flag("--cmdline-only", "The text of -p is the whole command line."));
    spec.addOption(Subcommand.option("-m", "MIB", "RAM in MiB, or with a suffix: 2G; 512."));
    spec.addOption(Subcommand.option("--seed", "N", "Seeds the guest's random numbers; 0."));
    spec.addOption(
        OptionSpec.builder("--rng")
            .paramLabel("pci|mmio")
            .arity("0..1")
            .fallbackValue("pci")
            .type(String.class)
            .description("An entropy device that gives the seed's random bytes: virtio-rng.")
            .build());
    spec.addOption(
        Subcommand.flag("--rdrand", "A CPU with RDRAND, which gives the seed's random numbers."));
    spec.addOption(
        Subcommand.option(
            "--rtc", "host|TIME", "The guest's clock at power-on; 2026-01-01T00:00:00Z."));
    spec.addOption(
        Subcommand.option(
            "--expect",
            "RE",
            "Passes when a console line matches, fails when none has at the end."));
    spec.addOption(
        Subcommand.option(
            "--expect-then",
            "poweroff|continue",
            "What a match does: ends the run, or nothing more; poweroff."));
    spec.addOption(
        Subcommand.option(
            "--script",
            "FILE",
            "A dialogue with the console: lines of 'expect RE', 'send TEXT', 'timeout VIRTUAL', 'abort"
                + " RE', 'break', 'power-button', 'nmi'."));
    spec.addOption(
        Subcommand.option(
            "--console-log", "FILE", "Also writes what the console says to FILE, byte for byte."));
    spec.addOption(
        Subcommand.option(
            "--serial2",
            "LINE",
            "Connects the guest's second serial port: file:PATH[,input=FILE], unix:PATH[,server=on],"
                + " tcp:HOST:PORT[,server=on]; none."));
    spec.addOption(Subcommand.option("--timeout", "S", "Limit of the host's time in seconds."));
    spec.addOption(
        Subcommand.option("--max-time", "VIRTUAL", "Limit of the guest's time: 30s, 500ms."));
    spec.addOption(
        Subcommand.option("--on-reset", "exit|reboot", "What a reset by the guest does; exit."));
    spec.addOption(Subcommand.flag("--show-config", "Prints the configuration, boots nothing."));
    spec.addOption(
        Subcommand.option(
            "--report",
            "FILE",
            "Writes a JSON report: hashes of the inputs, configuration, verdict, counters."));
    spec.addOption(Subcommand.flag("--offline", "Fetches nothing."));
    spec.addOption(
        Subcommand.option(
            "--unicorn", "VERSION|FILE", "Which libunicorn: 2.1.4, 2.1.1 or a file."));
    DirectoryOptions.describe(spec);
    spec.usageMessage()
        .footer(
            "",
            "Guest bytes go to standard output, our words to standard error. Ctrl-A X ends a run.",
            "Exit codes: 0 passed; 1 panic, hang or no marker; 2 usage; 3 timeout; 4 emulator or"
                + " host; 5 disk image; 16+n the guest wrote n to port 0xf4; 128+n ended by signal"
                + " n.");
  }

  /**
   * What is asked of the machine.
   *
   * @throws Failure naming the option and what is wrong with its value
   */
  RunRequest request() {
    return new RunRequest(
        value("-k").map(text -> parsed("-k", text, Path::of)),
        word("--boot", BootProtocol.values()),
        values("-i").stream().map(text -> parsed("-i", text, Path::of)).toList(),
        disks(),
        value("-p").orElse(""),
        parsed.hasMatchedOption("--cmdline-only"),
        parsed("-m", value("-m").orElse("512"), text -> ByteSize.parse(text, MIB)),
        parsed("--seed", value("--seed").orElse("0"), Long::decode),
        value("--rng").map(text -> parsed("--rng", text, RunOptions::transport)),
        parsed.hasMatchedOption("--rdrand"),
        value("--rtc")
            .map(text -> parsed("--rtc", text, time -> StartTime.parse(time, clock)))
            .orElse(MachineConfig.DEFAULT_RTC),
        value("--expect").map(text -> parsed("--expect", text, Pattern::compile)),
        word("--expect-then", MachineConfig.ExpectThen.values()),
        value("--script").map(text -> parsed("--script", text, ScriptFile::read)),
        nanos("--max-time"),
        word("--on-reset", MachineConfig.OnReset.values()),
        value("--unicorn"));
  }

  private List<DiskSpec> disks() {
    return values("-d").stream().map(text -> parsed("-d", text, DiskOption::parse)).toList();
  }

  OptionalLong timeoutNanos() {
    return nanos("--timeout");
  }

  SessionFiles files() {
    return new SessionFiles(
        value("--report").map(text -> parsed("--report", text, Path::of)),
        value("--console-log").map(text -> parsed("--console-log", text, Path::of)),
        parsed("--serial2", value("--serial2").orElse("none"), SerialOption::parse));
  }

  boolean offline() {
    return parsed.hasMatchedOption("--offline");
  }

  boolean showConfig() {
    return parsed.hasMatchedOption("--show-config");
  }

  private Optional<String> value(String option) {
    return Optional.ofNullable(parsed.matchedOptionValue(option, null));
  }

  private List<String> values(String option) {
    return parsed.matchedOptionValue(option, List.of());
  }

  private OptionalLong nanos(String option) {
    return value(option)
        .map(text -> OptionalLong.of(parsed(option, text, TimeSpan::parseNanos)))
        .orElse(OptionalLong.empty());
  }

  private static <T> T parsed(String option, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (OptionException e) {
      throw Failure.usage(option + ": " + e.getMessage());
    } catch (NumberFormatException e) {
      throw Failure.usage(option + ": '" + text + "' is no whole number of 64 bits");
    } catch (InvalidPathException e) {
      throw Failure.usage(option + ": '" + text + "' is no file name");
    } catch (PatternSyntaxException e) {
      throw Failure.usage(
          option + ": '" + text + "' is no regular expression: " + e.getDescription());
    }
  }

  private static DiskSpec.Transport transport(String text) {
    return switch (text) {
      case "pci" -> DiskSpec.Transport.PCI;
      case "mmio" -> DiskSpec.Transport.MMIO;
      default -> throw Failure.usage("--rng: '" + text + "' is neither pci nor mmio");
    };
  }

  /** One of a few words; the first is the default. */
  private <E extends Enum<E>> E word(String option, E[] words) {
    Optional<String> text = value(option);
    if (text.isEmpty()) {
      return words[0];
    }
    for (E word : words) {
      if (spelled(word).equals(text.get())) {
        return word;
      }
    }
    String known =
        Arrays.stream(words).map(RunOptions::spelled).collect(Collectors.joining(" or "));
    throw Failure.usage(option + ": '" + text.get() + "' is not " + known);
  }

  private static String spelled(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }
}

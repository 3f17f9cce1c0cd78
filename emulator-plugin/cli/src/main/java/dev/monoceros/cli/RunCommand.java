package dev.monoceros.cli;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.boot.BootPlanner;
import dev.monoceros.cli.boot.RunRequest;
import dev.monoceros.cli.options.ByteSize;
import dev.monoceros.cli.options.DiskOption;
import dev.monoceros.cli.options.OptionException;
import dev.monoceros.cli.options.StartTime;
import dev.monoceros.cli.options.TimeSpan;
import dev.monoceros.cli.report.ConfigTable;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code monoceros run}. */
@Command(
    name = "run",
    description = "Boots a kernel.",
    sortOptions = false,
    usageHelpAutoWidth = true,
    footer = {
      "",
      "Guest bytes go to standard output, words of ours to standard error. Ctrl-A X ends the run.",
      "Exit codes: 0 passed, 1 panic, hang or no marker, 2 usage, 3 timeout, 4 emulator or host,",
      "5 disk image, 16+n the guest wrote n to port 0xf4, 128+n ended by signal n."
    })
final class RunCommand implements Callable<Integer> {
  private static final long MIB = 1 << 20;

  @Spec private CommandSpec spec;

  @Option(
      names = "-d",
      paramLabel = "FILE[,format=qcow2|qcow|raw][,ro][,snapshot][,serial=X][,l2-cache-size=N]",
      description =
          "A disk: vda, the next vdb, ... Snapshot keeps writes in memory. May be repeated.")
  private List<String> disks = List.of();

  @Option(names = "-k", paramLabel = "FILE", description = "The kernel: a bzImage or a vmlinux.")
  private Path kernel;

  @Option(
      names = "-i",
      paramLabel = "FILE",
      description =
          "An initramfs; may be repeated. Without one, it is made from the drivers of the root disk"
              + " or of the kernel's package.")
  private List<Path> initrds = List.of();

  @Option(
      names = "-p",
      paramLabel = "TEXT",
      description =
          "Added to the kernel's command line: console=ttyS0 panic=-1 root=<first Linux partition,"
              + " else the disk>.")
  private String append = "";

  @Option(names = "--cmdline-only", description = "The text of -p is the whole command line.")
  private boolean commandLineOnly;

  @Option(names = "-m", paramLabel = "MIB", description = "RAM in MiB, or with a suffix: 2G.")
  private String memory = "512";

  @Option(names = "--seed", paramLabel = "N", description = "Seeds the guest's random numbers.")
  private String seed = "0";

  @Option(
      names = "--rtc",
      paramLabel = "host|TIME",
      description = "The guest's clock at power-on; 2026-01-01T00:00:00Z unless told.")
  private String rtc;

  @Option(
      names = "--expect",
      paramLabel = "RE",
      description = "Passes when a console line matches, fails when none has at the end.")
  private String expect;

  @Option(
      names = "--expect-then",
      paramLabel = "poweroff|continue",
      description = "What a match does: ends the run (default) or nothing more.")
  private String expectThen = "poweroff";

  @Option(names = "--timeout", paramLabel = "S", description = "Limit of the host's time.")
  private String timeout;

  @Option(
      names = "--max-time",
      paramLabel = "VIRTUAL",
      description = "Limit of the guest's time: 30s, 500ms.")
  private String maxTime;

  @Option(
      names = "--on-reset",
      paramLabel = "exit|reboot",
      description = "What a reset by the guest does; exit unless told.")
  private String onReset = "exit";

  @Option(names = "--show-config", description = "Prints the configuration and boots nothing.")
  private boolean showConfig;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Writes a JSON report: hashes of the inputs, configuration, verdict, counters.")
  private Path report;

  @Option(names = "--offline", description = "Fetches nothing.")
  private boolean offline;

  @Option(
      names = "--unicorn",
      paramLabel = "VERSION|FILE",
      description = "Which libunicorn: 2.1.4, 2.1.1 or a file.")
  private String unicorn;

  private final HostContext host;

  RunCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public Integer call() throws Exception {
    RunRequest request = request();
    OptionalLong timeoutNanos = optional("--timeout", timeout, TimeSpan::parseNanos);
    try (BootPlan plan = plan(request)) {
      if (showConfig) {
        String text = String.join("\n", ConfigTable.lines(plan)) + "\n";
        host.streams().out().write(text.getBytes(StandardCharsets.UTF_8));
        return ExitCode.PASS;
      }
      return new RunSession(
              host, plan, timeoutNanos, Optional.ofNullable(report), host.streams().inIsTerminal())
          .execute();
    }
  }

  private BootPlan plan(RunRequest request) {
    try (ProgressLine progress = CacheAccess.progress(host)) {
      return new BootPlanner(CacheAccess.open(host, offline, progress), host.environment())
          .plan(request);
    }
  }

  private RunRequest request() {
    List<DiskSpec> specs =
        disks.stream().map(disk -> parsed("-d", disk, DiskOption::parse)).toList();
    return new RunRequest(
        Optional.ofNullable(kernel),
        initrds,
        specs,
        append,
        commandLineOnly,
        parsed("-m", memory, text -> ByteSize.parse(text, MIB)),
        parsed("--seed", seed, Long::decode),
        rtc == null
            ? MachineConfig.DEFAULT_RTC
            : parsed("--rtc", rtc, text -> StartTime.parse(text, host.clock())),
        Optional.ofNullable(expect).map(text -> parsed("--expect", text, Pattern::compile)),
        word("--expect-then", expectThen, MachineConfig.ExpectThen.values()),
        optional("--max-time", maxTime, TimeSpan::parseNanos),
        word("--on-reset", onReset, MachineConfig.OnReset.values()),
        Optional.ofNullable(unicorn));
  }

  private OptionalLong optional(String option, String text, Function<String, Long> parser) {
    return text == null ? OptionalLong.empty() : OptionalLong.of(parsed(option, text, parser));
  }

  private <T> T parsed(String option, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (OptionException e) {
      throw refusal(option, e.getMessage());
    } catch (NumberFormatException e) {
      throw refusal(option, "'" + text + "' is no whole number of 64 bits");
    } catch (PatternSyntaxException e) {
      throw refusal(option, "'" + text + "' is no regular expression: " + e.getDescription());
    }
  }

  private <E extends Enum<E>> E word(String option, String text, E[] values) {
    for (E value : values) {
      if (value.name().toLowerCase(java.util.Locale.ROOT).equals(text)) {
        return value;
      }
    }
    String known =
        String.join(
            " or ",
            java.util.Arrays.stream(values)
                .map(value -> value.name().toLowerCase(java.util.Locale.ROOT))
                .toList());
    throw refusal(option, "'" + text + "' is not " + known);
  }

  private ParameterException refusal(String option, String sentence) {
    return new ParameterException(spec.commandLine(), option + ": " + sentence);
  }
}

package dev.monoceros.cli;

import dev.monoceros.cli.boot.DirectoryPlanner;
import dev.monoceros.cli.boot.RunRequest;
import dev.monoceros.cli.console.RawTerminal;
import dev.monoceros.cli.console.Streams;
import dev.monoceros.cli.directory.DirectoryRequest;
import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.report.ConfigTable;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.agent.GuestCommand;
import dev.monoceros.machine.MachineException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code monoceros run --root DIR -- COMMAND}, from the options to the exit code. */
final class DirectoryRun {
  /** Of a terminal that does not say what it is. */
  private static final String PLAIN_TERMINAL = "vt100";

  private final HostContext host;
  private final RunRequest request;
  private final DirectoryRequest directory;

  DirectoryRun(HostContext host, RunRequest request, DirectoryRequest directory) {
    this.host = host;
    this.request = request;
    this.directory = directory;
  }

  int run(OptionalLong timeoutNanos, Optional<Path> report, boolean offline, boolean showConfig)
      throws MachineException, IOException {
    Streams streams = host.streams();
    boolean interactive = streams.inIsTerminal() && Streams.isTerminal(1);
    if (!interactive || showConfig) {
      // A terminal is no standard input for a command whose output goes elsewhere.
      HostContext plain = streams.inIsTerminal() ? host.withoutInput() : host;
      boolean none = plain.streams().in() == Streams.NOTHING;
      DirectoryPlanner.Plan plan =
          plan(none ? new GuestCommand.Input.None() : new GuestCommand.Input.Stream(), offline);
      try (var boot = plan.boot()) {
        if (showConfig) {
          host.print(String.join("\n", ConfigTable.lines(boot, Map.of())) + "\n");
          return ExitCode.PASS;
        }
        return new DirectorySession(plain, directory, plan, timeoutNanos, report, Optional.empty())
            .execute();
      }
    }
    RawTerminal terminal = RawTerminal.open();
    try {
      RawTerminal.Size size = terminal.size();
      GuestCommand.Input input =
          new GuestCommand.Input.Terminal(
              terminalType(), size.rows(), size.columns(), !streams.errIsTerminal());
      DirectoryPlanner.Plan plan = plan(input, offline);
      try (var boot = plan.boot()) {
        return new DirectorySession(
                host, directory, plan, timeoutNanos, report, Optional.of(terminal))
            .execute();
      }
    } finally {
      terminal.close();
    }
  }

  private String terminalType() {
    String type = host.environment().getOrDefault("TERM", PLAIN_TERMINAL);
    return type.matches("[A-Za-z0-9._+-]+") ? type : PLAIN_TERMINAL;
  }

  private DirectoryPlanner.Plan plan(GuestCommand.Input input, boolean offline) {
    DirectoryPlanner.Plan plan;
    try (ProgressLine progress = CacheAccess.progress(host)) {
      PackageCache cache = CacheAccess.open(host, offline, progress);
      plan = new DirectoryPlanner(cache, host.environment()).plan(request, directory, input);
    }
    plan.notes().forEach(host::say);
    return plan;
  }
}

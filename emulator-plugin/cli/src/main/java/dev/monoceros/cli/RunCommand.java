package dev.monoceros.cli;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.boot.BootPlanner;
import dev.monoceros.cli.boot.RunRequest;
import dev.monoceros.cli.directory.DirectoryRequest;
import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.report.ConfigTable;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code monoceros run}. */
final class RunCommand implements Subcommand {
  private final HostContext host;

  RunCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String description() {
    return "Boots a kernel.";
  }

  @Override
  public void describe(CommandSpec spec) {
    RunOptions.describe(spec);
  }

  @Override
  public int run(ParseResult parsed) throws Exception {
    RunOptions options = new RunOptions(parsed, host.clock());
    RunRequest request = options.request();
    OptionalLong timeoutNanos = options.timeoutNanos();
    SessionFiles files = options.files();
    Optional<DirectoryRequest> directory = new DirectoryOptions(parsed).request();
    if (directory.isPresent()) {
      return new DirectoryRun(host, request, directory.get())
          .run(timeoutNanos, options.files().report(), options.offline(), options.showConfig());
    }
    try (BootPlan plan = plan(request, options.offline())) {
      if (options.showConfig()) {
        return show(plan, files);
      }
      boolean interactive = host.streams().inIsTerminal();
      return new RunSession(host, plan, timeoutNanos, files, interactive).execute();
    }
  }

  private int show(BootPlan plan, SessionFiles files) throws IOException {
    host.print(String.join("\n", ConfigTable.lines(plan, files.settings())) + "\n");
    return ExitCode.PASS;
  }

  private BootPlan plan(RunRequest request, boolean offline) {
    try (ProgressLine progress = CacheAccess.progress(host)) {
      return new BootPlanner(CacheAccess.open(host, offline, progress), host.environment())
          .plan(request);
    }
  }
}

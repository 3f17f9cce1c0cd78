package dev.monoceros.cli;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.boot.BootPlanner;
import dev.monoceros.cli.boot.RunRequest;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.boot.BootProtocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code monoceros demo}. */
final class DemoCommand implements Subcommand {
  private static final Pattern MARKER = Pattern.compile("^DEMO-OK ");

  private final HostContext host;

  DemoCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public String description() {
    return "Fetches a Debian kernel, builds a disk and boots it. The next demo finds what this one"
        + " wrote.";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Subcommand.flag("--shell", "Gives a shell in the guest; 'exit' ends it."));
    spec.addOption(Subcommand.flag("--fresh", "Builds the disk anew."));
    spec.addOption(Subcommand.flag("--offline", "Fetches nothing."));
    spec.addOption(
        Subcommand.option(
            "--unicorn", "VERSION|FILE", "Which libunicorn: 2.1.4, 2.1.1 or a file."));
  }

  @Override
  public int run(ParseResult options) throws Exception {
    boolean shell = options.hasMatchedOption("--shell");
    try (BootPlan plan = plan(options, shell)) {
      boolean interactive = shell && host.streams().inIsTerminal();
      HostContext session = shell ? host : host.withoutInput();
      return new RunSession(session, plan, OptionalLong.empty(), SessionFiles.NONE, interactive)
          .execute();
    }
  }

  private BootPlan plan(ParseResult options, boolean shell) throws IOException {
    try (ProgressLine progress = CacheAccess.progress(host)) {
      PackageCache cache = CacheAccess.open(host, options.hasMatchedOption("--offline"), progress);
      Kernel kernel = cache.kernel();
      if (options.hasMatchedOption("--fresh")) {
        DemoDiskFile.delete(cache);
      }
      Path disk = DemoDiskFile.obtain(cache, kernel);
      RunRequest request =
          new RunRequest(
              Optional.of(kernel.vmlinuz()),
              BootProtocol.LINUX,
              List.of(),
              List.of(DiskSpec.of(disk)),
              shell ? "demo.end=shell" : "",
              false,
              MachineConfig.DEFAULT_MEMORY,
              0,
              Optional.empty(),
              false,
              MachineConfig.DEFAULT_RTC,
              Optional.of(MARKER),
              MachineConfig.ExpectThen.CONTINUE,
              Optional.empty(),
              OptionalLong.empty(),
              MachineConfig.OnReset.EXIT,
              Optional.ofNullable(options.matchedOptionValue("--unicorn", null)));
      return new BootPlanner(cache, host.environment()).plan(request);
    }
  }
}

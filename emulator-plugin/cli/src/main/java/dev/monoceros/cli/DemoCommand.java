package dev.monoceros.cli;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.boot.BootPlanner;
import dev.monoceros.cli.boot.RunRequest;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code monoceros demo}. */
@Command(
    name = "demo",
    description =
        "Fetches a Debian kernel, builds a disk, and boots it. The next demo finds what this one"
            + " wrote on the disk.")
final class DemoCommand implements Callable<Integer> {
  private static final Pattern MARKER = Pattern.compile("^DEMO-OK ");

  @Option(names = "--shell", description = "Gives a shell in the guest; 'exit' ends it.")
  private boolean shell;

  @Option(names = "--fresh", description = "Builds the disk anew.")
  private boolean fresh;

  @Option(names = "--offline", description = "Fetches nothing.")
  private boolean offline;

  @Option(
      names = "--unicorn",
      paramLabel = "VERSION|FILE",
      description = "Which libunicorn: 2.1.4, 2.1.1 or a file.")
  private String unicorn;

  private final HostContext host;

  DemoCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public Integer call() throws Exception {
    try (BootPlan plan = plan()) {
      boolean interactive = shell && host.streams().inIsTerminal();
      return new RunSession(host, plan, OptionalLong.empty(), Optional.empty(), interactive)
          .execute();
    }
  }

  private BootPlan plan() throws IOException {
    try (ProgressLine progress = CacheAccess.progress(host)) {
      PackageCache cache = CacheAccess.open(host, offline, progress);
      Kernel kernel = cache.kernel();
      if (fresh) {
        DemoDiskFile.delete(cache);
      }
      Path disk = DemoDiskFile.obtain(cache, kernel);
      RunRequest request =
          new RunRequest(
              Optional.of(kernel.vmlinuz()),
              List.of(),
              List.of(DiskSpec.of(disk)),
              shell ? "demo.end=shell" : "",
              false,
              MachineConfig.DEFAULT_MEMORY,
              0,
              MachineConfig.DEFAULT_RTC,
              Optional.of(MARKER),
              MachineConfig.ExpectThen.CONTINUE,
              OptionalLong.empty(),
              MachineConfig.OnReset.EXIT,
              Optional.ofNullable(unicorn));
      return new BootPlanner(cache, host.environment()).plan(request);
    }
  }
}

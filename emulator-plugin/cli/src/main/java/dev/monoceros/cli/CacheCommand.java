package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.CachedRequest;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.PackageInfo;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code monoceros cache}. */
final class CacheCommand implements Subcommand {
  private static final double MIB = 1 << 20;

  private final HostContext host;

  CacheCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public String name() {
    return "cache";
  }

  @Override
  public String description() {
    return "Shows or empties the cache of packages and images.";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("ACTION")
            .arity("1")
            .type(String.class)
            .description(
                "list: what is in it. path: where it is. prune: deletes everything in it."
                    + " verify: hashes every package and removes damaged ones.")
            .build());
  }

  @Override
  public int run(ParseResult options) throws IOException {
    String action = options.matchedPositionalValue(0, "");
    try (ProgressLine progress = CacheAccess.progress(host)) {
      PackageCache cache = CacheAccess.open(host, true, progress);
      switch (action) {
        case "list" -> list(cache);
        case "path" -> host.print(cache.options().directory() + "\n");
        case "prune" -> prune(cache);
        case "verify" -> {
          return verify(cache);
        }
        default ->
            throw Failure.usage(
                (action.isEmpty()
                        ? "cache: no action was given"
                        : "cache: there is no action " + action)
                    + ": there are list, path, prune and verify");
      }
    }
    return ExitCode.PASS;
  }

  private void list(PackageCache cache) throws IOException {
    List<CachedRequest> entries = cache.list();
    long total = 0;
    for (CachedRequest entry : entries) {
      host.print(
          String.format(
              Locale.ROOT,
              "%-40s %-28s %8.1f MiB%n",
              entry.main().name(),
              entry.main().version(),
              entry.unpackedBytes() / MIB));
      total += entry.unpackedBytes();
    }
    host.print(
        String.format(
            Locale.ROOT,
            "%d packages, %.1f MiB unpacked, in %s%n",
            entries.size(),
            total / MIB,
            cache.options().directory()));
  }

  private static void prune(PackageCache cache) throws IOException {
    DemoDiskFile.delete(cache);
    cache.clear();
  }

  private int verify(PackageCache cache) throws IOException {
    List<PackageInfo> damaged = cache.verify();
    for (PackageInfo one : damaged) {
      host.print("removed " + one + "\n");
    }
    return damaged.isEmpty() ? ExitCode.PASS : ExitCode.EMULATOR_FAULT;
  }
}

package dev.monoceros.cli;

import dev.monoceros.images.CachedRequest;
import dev.monoceros.images.PackageCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code monoceros cache}. */
@Command(
    name = "cache",
    description = "Shows or empties the cache of packages and images.",
    synopsisSubcommandLabel = "(list | path | prune | verify)")
final class CacheCommand implements Runnable {
  @Spec private CommandSpec spec;

  private final HostContext host;

  CacheCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "cache: there are list, path, prune and verify");
  }

  @Command(name = "list", description = "Lists what is in the cache.")
  int list() throws IOException {
    List<CachedRequest> entries = cache().list();
    long total = 0;
    for (CachedRequest entry : entries) {
      print(
          "%-44s %-28s %8.1f MiB"
              .formatted(
                  entry.main().name(), entry.main().version(), mebibytes(entry.unpackedBytes())));
      total += entry.unpackedBytes();
    }
    print("%d packages, %.1f MiB unpacked".formatted(entries.size(), mebibytes(total)));
    return ExitCode.PASS;
  }

  @Command(name = "path", description = "Prints where the cache is.")
  int path() throws IOException {
    print(cache().options().directory().toString());
    return ExitCode.PASS;
  }

  @Command(name = "prune", description = "Deletes everything in the cache.")
  int prune() throws IOException {
    DemoDiskFile.delete(cache());
    cache().clear();
    return ExitCode.PASS;
  }

  @Command(name = "verify", description = "Hashes every stored package; removes damaged ones.")
  int verify() throws IOException {
    List<dev.monoceros.images.PackageInfo> damaged = cache().verify();
    for (dev.monoceros.images.PackageInfo one : damaged) {
      print("removed " + one);
    }
    return damaged.isEmpty() ? ExitCode.PASS : ExitCode.EMULATOR_FAULT;
  }

  private static double mebibytes(long bytes) {
    return bytes / 1048576.0;
  }

  private PackageCache cache() {
    return CacheAccess.open(host, true, CacheAccess.progress(host));
  }

  private void print(String line) throws IOException {
    host.streams().out().write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}

package dev.monoceros.machine.chipset.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The tools of ACPICA (Debian: acpica-tools), from the package cache. */
final class Acpica {
  private static final PackageCache CACHE = PackageCache.open(CacheOptions.defaults());

  private Acpica() {}

  /** Aborts the calling test, saying why, where the tools cannot be had. */
  static void require() {
    Optional<String> missing = Oracles.missing(CACHE);
    if (missing.isPresent()) {
      System.out.println("ORACLES MISSING: " + missing.get());
      abort(missing.get());
    }
  }

  static String iasl(Path directory, String... arguments) throws IOException, InterruptedException {
    return run(directory, CACHE.oracles().iasl(), arguments);
  }

  static String evaluate(Path directory, Path table, String object)
      throws IOException, InterruptedException {
    return run(directory, CACHE.oracles().acpiexec(), "-b", "evaluate " + object, table.toString());
  }

  private static String run(Path directory, Tool tool, String... arguments)
      throws IOException, InterruptedException {
    Process process =
        tool.process(arguments).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s said: %s", tool.name(), output).isZero();
    return output;
  }
}

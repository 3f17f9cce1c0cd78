package dev.monoceros.machine.chipset.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The tools of ACPICA (Debian: acpica-tools), where the machine has them: system property
 * monoceros.oracle.iasl, else PATH.
 */
final class Acpica {
  private static final String PROPERTY = "monoceros.oracle.iasl";

  private Acpica() {}

  static void requireIasl() {
    require("iasl", iaslPath());
  }

  static void requireAcpiexec() {
    require("acpiexec", acpiexecPath());
  }

  static String iasl(Path directory, String... arguments) throws IOException, InterruptedException {
    return run(directory, iaslPath().orElseThrow(), List.of(arguments));
  }

  static String evaluate(Path directory, Path table, String object)
      throws IOException, InterruptedException {
    return run(
        directory,
        acpiexecPath().orElseThrow(),
        List.of("-b", "evaluate " + object, table.toString()));
  }

  private static void require(String tool, Optional<Path> found) {
    if (found.isEmpty()) {
      System.out.println("ORACLES MISSING: " + tool);
      abort(tool + " is neither on PATH nor named by " + PROPERTY);
    }
  }

  private static Optional<Path> iaslPath() {
    String named = System.getProperty(PROPERTY);
    return named == null ? onPath("iasl") : Optional.of(Path.of(named));
  }

  private static Optional<Path> acpiexecPath() {
    return iaslPath().map(iasl -> iasl.resolveSibling("acpiexec")).filter(Files::isExecutable);
  }

  private static Optional<Path> onPath(String tool) {
    for (String entry : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(entry, tool);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static String run(Path directory, Path tool, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(tool.toString());
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s said: %s", command, output).isZero();
    return output;
  }
}

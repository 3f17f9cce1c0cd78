package dev.monoceros.images.apt;

import dev.monoceros.images.ImagesException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/** Runs one apt command with a private configuration and collects what it says. */
final class AptProcess {
  private static final String STATUS_PREFIX = "dlstatus:";

  private final Path configuration;
  private final Path workingDirectory;

  AptProcess(Path configuration, Path workingDirectory) {
    this.configuration = configuration;
    this.workingDirectory = workingDirectory;
  }

  /** Whether the machine has apt at all. */
  static boolean available() {
    try {
      Process probe = new ProcessBuilder("apt-get", "--version").redirectErrorStream(true).start();
      probe.getInputStream().readAllBytes();
      return probe.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * The command's output lines.
   *
   * @param exit exit status
   * @param lines standard output and error, status lines left out
   */
  record Result(int exit, List<String> lines) {
    /** The first error apt gave, without its {@code E: } mark. */
    Optional<String> error() {
      return lines.stream()
          .filter(line -> line.startsWith("E: "))
          .map(line -> line.substring(3).strip())
          .findFirst();
    }
  }

  /** Runs {@code apt-get ARGUMENTS}; the percentage of the download goes to the listener. */
  Result run(List<String> arguments, DoubleConsumer percent) {
    List<String> command = new ArrayList<>(List.of("apt-get", "-c", configuration.toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(workingDirectory.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.NO_APT, "This machine has no apt-get to fetch packages with.", e);
    }
    try {
      process.getOutputStream().close();
      List<String> lines = collect(process, percent);
      return new Result(process.waitFor(), lines);
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.FETCH_FAILED, "The output of apt-get could not be read.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImagesException(
          ImagesException.Kind.FETCH_FAILED, "Fetching packages was interrupted.", e);
    } finally {
      process.destroy();
    }
  }

  private static List<String> collect(Process process, DoubleConsumer percent) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(STATUS_PREFIX)) {
          parsePercent(line).ifPresent(percent::accept);
        } else {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  /** A status line reads {@code dlstatus:ITEM:PERCENT:TEXT}. */
  private static Optional<Double> parsePercent(String line) {
    String[] fields = line.split(":", 4);
    try {
      return fields.length < 3 ? Optional.empty() : Optional.of(Double.parseDouble(fields[2]));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}

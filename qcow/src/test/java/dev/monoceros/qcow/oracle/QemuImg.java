package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Somebody else's opinion of an image. Found through the system property {@code
 * monoceros.oracle.qemu-img}, else on the PATH. This module cannot reach the package cache, which
 * is built on it; so without either the tests abort here, and module {@code tests} runs them again
 * with the cache's qemu-img.
 */
public final class QemuImg {
  private static final String PROPERTY = "monoceros.oracle.qemu-img";
  private static final String REQUIRED = "monoceros.oracles.required";
  private static final Optional<String> BINARY = find();

  /** Exit codes of {@code qemu-img check}, from its manual. */
  public enum Check {
    CLEAN,
    LEAKS,
    CORRUPT,
    FAILED
  }

  /** What a run printed (both streams) and its exit code. */
  public record Result(int exitCode, String output) {}

  private QemuImg() {}

  /** Aborts the calling test, saying why, where there is no qemu-img. */
  public static void require() {
    if (BINARY.isEmpty() && Boolean.getBoolean(REQUIRED)) {
      System.out.println("ORACLES MISSING: qemu-img");
    }
    Assumptions.assumeTrue(
        BINARY.isPresent(), "qemu-img: neither -D" + PROPERTY + " nor on the PATH");
  }

  /** For tests that check more where there is a qemu-img, but hold without it. */
  public static boolean isPresent() {
    return BINARY.isPresent();
  }

  private static Optional<String> find() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return Optional.of(named);
    }
    for (String directory :
        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, "qemu-img");
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate.toString());
      }
    }
    return Optional.empty();
  }

  /** Runs qemu-img and returns what it said. */
  public static Result run(Object... arguments) {
    require();
    List<String> command = new ArrayList<>();
    command.add(BINARY.orElseThrow());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readAllBytes();
      return new Result(process.waitFor(), new String(output, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts a qemu-img that somebody will have to end. */
  public static Process start(Object... arguments) throws IOException {
    require();
    List<String> command = new ArrayList<>();
    command.add(BINARY.orElseThrow());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Runs qemu-img, which must succeed. */
  public static String succeed(Object... arguments) {
    Result result = run(arguments);
    assertThat(result.exitCode())
        .as("qemu-img %s: %s", List.of(arguments), result.output())
        .isZero();
    return result.output();
  }

  /** What {@code qemu-img check} finds. */
  public static Check check(Path image) {
    Result result = run("check", "-f", "qcow2", image);
    return switch (result.exitCode()) {
      case 0 -> Check.CLEAN;
      case 3 -> Check.LEAKS;
      case 2 -> Check.CORRUPT;
      default -> Check.FAILED;
    };
  }

  /** The image must have no errors and no leaks. */
  public static void assertClean(Path image) {
    Result result = run("check", "-f", "qcow2", image);
    assertThat(result.exitCode()).as("qemu-img check %s: %s", image, result.output()).isZero();
  }

  /** The disk's contents as QEMU reads them. */
  public static byte[] contents(Path image) {
    Path raw = image.resolveSibling(image.getFileName() + ".asraw");
    succeed("convert", "-f", "qcow2", "-O", "raw", image, raw);
    try {
      byte[] bytes = Files.readAllBytes(raw);
      Files.delete(raw);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

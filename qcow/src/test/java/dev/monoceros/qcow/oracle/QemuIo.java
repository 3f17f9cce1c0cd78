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
 * Somebody else's hand on an image: qemu-io. Found through the system property {@code
 * monoceros.oracle.qemu-io}, else on the PATH, as {@link QemuImg} is.
 */
public final class QemuIo {
  private static final String PROPERTY = "monoceros.oracle.qemu-io";
  private static final String REQUIRED = "monoceros.oracles.required";
  private static final Optional<String> BINARY = find();

  private QemuIo() {}

  /** Aborts the calling test, saying why, where there is no qemu-io. */
  public static void require() {
    if (BINARY.isEmpty() && Boolean.getBoolean(REQUIRED)) {
      System.out.println("ORACLES MISSING: qemu-io");
    }
    Assumptions.assumeTrue(
        BINARY.isPresent(), "qemu-io: neither -D" + PROPERTY + " nor on the PATH");
  }

  private static Optional<String> find() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return Optional.of(named);
    }
    for (String directory :
        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, "qemu-io");
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate.toString());
      }
    }
    return Optional.empty();
  }

  /** Carries out commands on a QCOW2 image, all of which must succeed. */
  public static void run(Path image, List<String> commands) {
    require();
    List<String> line = new ArrayList<>(List.of(BINARY.orElseThrow(), "-f", "qcow2"));
    for (String command : commands) {
      line.add("-c");
      line.add(command);
    }
    line.add(image.toString());
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(output).doesNotContain("failed", "Invalid", "Pattern verification");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs qemu-io and returns all it says, whatever becomes of it. */
  public static String output(List<String> arguments) {
    require();
    List<String> line = new ArrayList<>(List.of(BINARY.orElseThrow()));
    line.addAll(arguments);
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

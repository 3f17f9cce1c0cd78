package dev.monoceros.qcow.oracle;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * One of QEMU's programs. Found through the system property {@code monoceros.oracle.} and its name,
 * else on the PATH if it is of the release that this project is compared with: another one says
 * other things. This module cannot reach the package cache, which is built on it; so without either
 * the tests abort here, and module {@code tests} runs them with the cache's programs.
 */
public final class OracleTool {
  private static final String PROPERTY = "monoceros.oracle.";
  private static final String REQUIRED = "monoceros.oracles.required";
  private static final List<String> NAMES = List.of(QemuImg.NAME, QemuIo.NAME, QemuBitmap.NAME);
  private static final Pattern RELEASE = Pattern.compile("qemu-\\w+ (version )?7\\.2\\.");

  private final String name;
  private final Optional<String> binary;

  private OracleTool(String name, Optional<String> binary) {
    this.name = name;
    this.binary = binary;
  }

  /** Why one of the tools cannot be had, if that is so. */
  static Optional<String> missing() {
    return NAMES.stream()
        .map(OracleTool::find)
        .filter(tool -> !tool.isPresent())
        .map(OracleTool::reason)
        .findFirst();
  }

  /** Whether a shell would find all of them, of the right release. */
  public static boolean allOnPath() {
    return NAMES.stream().allMatch(name -> onPath(name).isPresent());
  }

  static OracleTool find(String name) {
    String named = System.getProperty(PROPERTY + name);
    return new OracleTool(name, named != null ? Optional.of(named) : onPath(name));
  }

  /** The program of the right release that a shell would run by that name. */
  private static Optional<String> onPath(String name) {
    for (String directory :
        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, name);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate.toString()).filter(OracleTool::isOfTheRelease);
      }
    }
    return Optional.empty();
  }

  private static boolean isOfTheRelease(String binary) {
    try {
      Process process =
          new ProcessBuilder(List.of(binary, "--version")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readAllBytes();
      return RELEASE.matcher(new String(output, StandardCharsets.UTF_8)).find();
    } catch (IOException e) {
      return false;
    }
  }

  boolean isPresent() {
    return binary.isPresent();
  }

  /** Aborts the calling test, saying why, where there is no such program. */
  void require() {
    Assumptions.assumeTrue(binary.isPresent(), this::reason);
  }

  private String reason() {
    if (Boolean.getBoolean(REQUIRED)) {
      System.out.println("ORACLES MISSING: " + name);
    }
    return name + " 7.2: neither -D" + PROPERTY + name + " nor on the PATH";
  }

  /** What to run, or an aborted test. */
  String path() {
    require();
    return binary.orElseThrow();
  }
}

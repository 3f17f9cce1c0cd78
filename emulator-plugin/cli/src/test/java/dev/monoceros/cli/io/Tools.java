package dev.monoceros.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.cli.tool.Tool;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** Runs a script by our tool, in this process, and by the real one. */
final class Tools {
  private static final long PATIENCE_SECONDS = 60;

  private final dev.monoceros.images.Tool qemuIo;
  private final dev.monoceros.images.Tool qemuImg;

  private Tools(Oracles oracles) {
    this.qemuIo = oracles.qemuIo();
    this.qemuImg = oracles.qemuImg();
  }

  /** Aborts the calling test, saying why, where the real tools cannot be had. */
  static Tools open() {
    PackageCache cache = PackageCache.open(CacheOptions.defaults());
    try {
      return new Tools(cache.oracles());
    } catch (ImagesException e) {
      String message = "ORACLES MISSING: qemu-io: " + e.getMessage();
      System.err.println(message);
      throw new TestAbortedException(message, e);
    }
  }

  /** Ours. */
  static Outcome ours(Path directory, List<String> arguments, String input) {
    return ours(directory, arguments, input, new QuietHost());
  }

  static Outcome ours(Path directory, List<String> arguments, String input, Host host) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Tool tool =
        new Tool(
            "qemu-io",
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            out,
            err,
            Map.of(),
            InstantSource.system(),
            System::nanoTime);
    int code = IoTool.run(tool, host, arguments);
    return Outcome.of(
        code,
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8),
        directory);
  }

  /** The real one. */
  Outcome theirs(Path directory, List<String> arguments, String input) throws Exception {
    return run(qemuIo, directory, arguments, input);
  }

  /** qemu-img, which must succeed. */
  String img(Path directory, String... arguments) throws Exception {
    Outcome outcome = run(qemuImg, directory, List.of(arguments), "");
    assertThat(outcome.exitCode()).as("qemu-img %s: %s", List.of(arguments), outcome).isZero();
    return outcome.out();
  }

  /** qemu-img. */
  Outcome imgOutcome(Path directory, String... arguments) throws Exception {
    return run(qemuImg, directory, List.of(arguments), "");
  }

  private static Outcome run(
      dev.monoceros.images.Tool tool, Path directory, List<String> arguments, String input)
      throws Exception {
    Path in = Files.writeString(Files.createTempFile(directory, "run", ".in"), input);
    Path out = Files.createTempFile(directory, "run", ".out");
    Path err = Files.createTempFile(directory, "run", ".err");
    try {
      Process process =
          tool.process(arguments.toArray(String[]::new))
              .directory(directory.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(tool.name() + " does not end: " + arguments);
      }
      return Outcome.of(
          process.exitValue(), Files.readString(out), Files.readString(err), directory);
    } finally {
      for (Path file : List.of(in, out, err)) {
        Files.delete(file);
      }
    }
  }

  /** Copies all files of a directory to a new one. */
  static Path copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}

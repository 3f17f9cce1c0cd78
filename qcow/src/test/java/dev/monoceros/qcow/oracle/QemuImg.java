package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Somebody else's opinion of an image: qemu-img. */
public final class QemuImg {
  static final String NAME = "qemu-img";

  private static final OracleTool TOOL = OracleTool.find(NAME);

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
    TOOL.require();
  }

  /** For tests that check more where there is a qemu-img, but hold without it. */
  public static boolean isPresent() {
    return TOOL.isPresent();
  }

  /** Runs qemu-img and returns what it said. */
  public static Result run(Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(TOOL.path());
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
    List<String> command = new ArrayList<>();
    command.add(TOOL.path());
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

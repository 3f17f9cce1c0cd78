package dev.monoceros.cli.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGUSR1 asks either tool how far it is, and hurts neither. */
@Timeout(180)
class ProgressSignalTest {
  private static final Path LAUNCHER = Path.of("../../bin/qemu-img");
  private static final long MILLIS_BETWEEN_SIGNALS = 100;
  private static final int BYTES = 24 << 20;

  /** Two seconds of work, one request at a time. */
  private static final List<String> CONVERT =
      List.of("convert", "-m", "1", "-r", "12M", "-f", "raw", "-O", "raw", "a.raw");

  @TempDir Path directory;
  private RealTools real;

  /** A run that got signals all the time. */
  private record Signalled(int code, String out, String err) {}

  @BeforeEach
  void source() throws IOException {
    real = RealTools.open();
    byte[] bytes = new byte[BYTES];
    new Random(1).nextBytes(bytes);
    Files.write(directory.resolve("a.raw"), bytes);
  }

  private ProcessBuilder ours(List<String> words) {
    List<String> command =
        Stream.concat(Stream.of(LAUNCHER.toAbsolutePath().normalize().toString()), words.stream())
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MONOCEROS_CACHE", directory.resolve("cache").toString());
    builder.environment().put("MONOCEROS_JAVA", System.getProperty("java.home"));
    builder
        .environment()
        .put(
            "MONOCEROS_CLASS_PATH",
            System.getProperty("jdk.module.path", "")
                + ":"
                + System.getProperty("java.class.path"));
    return builder;
  }

  /** From the moment that the target is there: before, a signal ends any program. */
  private Signalled signalled(
      Function<List<String>, ProcessBuilder> tool, String target, String... more)
      throws IOException, InterruptedException {
    List<String> words =
        Stream.of(CONVERT.stream(), Stream.of(target), Stream.of(more)).flatMap(s -> s).toList();
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        tool.apply(words)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    try {
      while (!process.waitFor(MILLIS_BETWEEN_SIGNALS, TimeUnit.MILLISECONDS)) {
        if (Files.exists(directory.resolve(target))) {
          new ProcessBuilder("kill", "-s", "USR1", Long.toString(process.pid())).start().waitFor();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    return new Signalled(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void theSignalAsksForOneLineOnStandardErrorAtTheNextStep() throws Exception {
    Signalled steps = signalled(real::imgProcess, "steps.raw", "-p");
    List<String> possible = steps.out().replace('\r', '\n').lines().toList();

    for (Signalled run :
        List.of(signalled(real::imgProcess, "theirs.raw"), signalled(this::ours, "ours.raw"))) {
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).isEmpty();
      List<String> lines = run.err().lines().toList();
      assertThat(lines).hasSizeBetween(4, possible.size()).isSubsetOf(possible);
      assertThat(lines.stream().map(possible::indexOf)).isSorted();
      assertThat(lines.getFirst()).isNotEqualTo("    (100.00/100%)");
    }
    assertThat(directory.resolve("ours.raw")).hasSameBinaryContentAs(directory.resolve("a.raw"));
  }

  @Test
  void whereTheStepsAreShownAnywayTheSignalDoesNothing() throws Exception {
    Signalled theirs = signalled(real::imgProcess, "theirs.raw", "-p");
    Signalled ours = signalled(this::ours, "ours.raw", "-p");

    assertThat(ours).isEqualTo(theirs);
    assertThat(ours.code()).isZero();
    assertThat(ours.err()).isEmpty();
  }
}

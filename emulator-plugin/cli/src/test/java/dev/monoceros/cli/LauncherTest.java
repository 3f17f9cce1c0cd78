package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bin/monoceros} beside its JVM: exit codes, signals, crashes, standard input. */
@ExtendWith(LibraryRequired.class)
@Timeout(120)
class LauncherTest {
  @TempDir Path temporary;

  private Launched run(BareKernel kernel, String... more) throws IOException {
    return run(Map.of(), kernel, more);
  }

  private Launched run(Map<String, String> environment, BareKernel kernel, String... more)
      throws IOException {
    String[] command = new String[more.length + 3];
    command[0] = "run";
    command[1] = "-k";
    command[2] = kernel.write(temporary);
    System.arraycopy(more, 0, command, 3, more.length);
    return Launched.start(temporary, environment, command);
  }

  @Test
  void theGuestsOutputAndExitCodeComeThroughAndNothingElse() throws Exception {
    try (Launched run = run(new BareKernel().print("hello\r\n").debugExit(7))) {
      assertThat(run.rest()).isEqualTo("hello\r\n");
      assertThat(run.exitCode()).isEqualTo(23);
      assertThat(run.words()).startsWith("monoceros: DEBUG_EXIT").doesNotContain("WARNING");
    }
  }

  @Test
  void aGuestThatFailsEndsWith1() throws Exception {
    try (Launched run = run(new BareKernel().hang())) {
      assertThat(run.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void aJvmThatCannotStartIsNoFailureOfTheGuest() throws Exception {
    try (Launched run =
        run(Map.of("MONOCEROS_JAVA_OPTIONS", "-XX:+NoSuchFlag"), new BareKernel().hang())) {
      assertThat(run.exitCode()).isEqualTo(4);
      assertThat(run.rest()).isEmpty();
      assertThat(run.words()).contains("monoceros: the JVM could not be started");
    }
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void aSignalEndsTheRunInOrderWithTheDisksClosed(String signal, int code) throws Exception {
    Path disk = temporary.resolve("disk.qcow2");
    DiskImage.create(disk, CreateOptions.qcow2(1 << 20)).close();
    try (Launched run =
        run(new BareKernel().print("up\n").spin(), "-d", disk.toString(), "-i", disk.toString())) {
      run.awaitLine("up");
      run.signal(signal);

      assertThat(run.exitCode()).isEqualTo(code);
      // The table is printed when the disks have been closed.
      assertThat(run.words())
          .startsWith("monoceros: STOPPED: stopped by SIG" + signal + "\n")
          .contains("  vda L2 cache ");
    }
    DiskImage.open(disk, OpenOptions.defaults()).close();
  }

  @Test
  void aSignalReachesAGuestThatWaitsForInput() throws Exception {
    try (Launched run = run(new BareKernel().print("up\n").echoUntilQ())) {
      run.awaitLine("up");
      run.type("a\n");
      run.awaitLine("a");
      run.signal("TERM");

      assertThat(run.exitCode()).isEqualTo(143);
    }
  }

  @Test
  void standardInputReachesTheGuest() throws Exception {
    try (Launched run = run(new BareKernel().echoUntilQ().debugExit(0))) {
      run.type("one\n");
      run.awaitLine("one");
      run.type("q");

      assertThat(run.exitCode()).isEqualTo(16);
      assertThat(run.rest()).isEqualTo("q");
    }
  }

  @Test
  void aNativeCrashBecomesExitCode4WithOneSentenceAndTheLogsPath() throws Exception {
    try (Launched run = run(new BareKernel().print("up\n").spin())) {
      run.awaitLine("up");
      run.signalJvm("SEGV");

      assertThat(run.exitCode()).isEqualTo(4);
      String sentence = run.words().lines().reduce((a, b) -> b).orElseThrow();
      assertThat(sentence).startsWith("monoceros: the emulator crashed; the log is ");
      Path log = Path.of(sentence.substring(sentence.lastIndexOf(' ') + 1));
      assertThat(log).startsWith(temporary.resolve("cache/logs"));
      assertThat(Files.readString(log)).contains("SIGSEGV");
    }
  }

  @Test
  void aJvmThatTheHostKilledBecomesExitCode4() throws Exception {
    try (Launched run = run(new BareKernel().print("up\n").spin())) {
      run.awaitLine("up");
      run.signalJvm("KILL");

      assertThat(run.exitCode()).isEqualTo(4);
      assertThat(run.words())
          .startsWith("monoceros: the emulator was killed (signal 9)")
          .hasLineCount(1);
    }
  }

  @Test
  void aReaderThatGoesAwayEndsTheRunAsAPipeDoes() throws Exception {
    BareKernel kernel = new BareKernel();
    for (int i = 0; i < 2000; i++) {
      kernel.print("a line that nobody wants\n");
    }
    try (Launched run = run(kernel.spin())) {
      run.awaitLine("a line that nobody wants");
      run.hangUp();

      assertThat(run.exitCode()).isEqualTo(141);
      assertThat(run.words()).contains("nobody reads the console any more");
    }
  }

  @Test
  void aJdkThatIsTooOldIsRefusedInOneSentence() throws Exception {
    Path old = temporary.resolve("jdk-17");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"17.0.1\"\n");
    Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 0\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();

    try (Launched run =
        Launched.start(temporary, Map.of("MONOCEROS_JAVA", old.toString()), "version")) {
      assertThat(run.exitCode()).isEqualTo(4);
      assertThat(run.words())
          .isEqualTo(
              "monoceros: MONOCEROS_JAVA names %s, which is no JDK 25 or newer\n".formatted(old));
    }
  }

  @Test
  void aJavaProgramMayBeNamedInsteadOfItsJdk() throws Exception {
    String java = System.getProperty("java.home") + "/bin/java";
    try (Launched run = Launched.start(temporary, Map.of("MONOCEROS_JAVA", java), "version")) {
      assertThat(run.rest()).startsWith("monoceros ").contains("Java " + Runtime.version());
      assertThat(run.exitCode()).isZero();
    }
  }
}

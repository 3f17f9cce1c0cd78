package dev.monoceros.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a process can show: signals, and a program that talks to it line by line. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IoProcessTest {
  private static final int SIGNALLED = 128;
  private static final int SIGABRT = 6;
  private static final int SIGTERM = 15;

  private Tools tools;

  @TempDir Path directory;

  @BeforeAll
  void findTools() {
    tools = Tools.open();
  }

  @BeforeEach
  void makeImage() throws Exception {
    tools.img(directory, "create", "-q", "-f", "qcow2", "disk.qcow2", "4M");
  }

  private Process start(String... commands) throws Exception {
    return builder(commands).redirectError(directory.resolve("err").toFile()).start();
  }

  private ProcessBuilder builder(String... commands) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("--enable-native-access=ALL-UNNAMED");
    line.add("-XX:-CreateCoredumpOnCrash");
    line.add("-cp");
    line.add(
        System.getProperty("jdk.module.path", "") + ":" + System.getProperty("java.class.path"));
    line.add("dev.monoceros.cli.ToolMain");
    line.add("io");
    line.add("qemu-io");
    for (String command : commands) {
      line.add("-c");
      line.add(command);
    }
    line.add(directory.resolve("disk.qcow2").toString());
    return new ProcessBuilder(line).directory(directory.toFile());
  }

  private String run(int exitCode, String... commands) throws Exception {
    Process process = start(commands);
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(exitCode);
    return out;
  }

  @Test
  void abortEndsTheProcessAsAbortDoesAndLosesWhatWasNotWrittenOut() throws Exception {
    String out = run(SIGNALLED + SIGABRT, "length", "write -q -P 5 0 64k", "abort", "length");

    assertThat(out).isEmpty();
    List<String> check = List.of("-c", "read -P 5 0 64k", "disk.qcow2");
    assertThat(tools.theirs(directory, check, "").exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {SIGTERM, 3, 9, 10, 11})
  void aRaisedSignalEndsTheProcessAfterWhatWasPrinted(int signal) throws Exception {
    assertThat(run(SIGNALLED + signal, "length", "sigraise " + signal, "length"))
        .isEqualTo("4 MiB\n");
  }

  @Test
  void aSignalThatDoesNothingLetsItGoOn() throws Exception {
    assertThat(run(0, "sigraise 0", "length")).isEqualTo("4 MiB\n");
  }

  /** Programs wait for the prompt before they send the next command. */
  @Test
  void answersAndPromptsComeBeforeTheNextCommand() throws Exception {
    Process process = start();
    try (OutputStream in = process.getOutputStream();
        BufferedReader out =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < 3; i++) {
        in.write("length\n".getBytes(StandardCharsets.UTF_8));
        in.flush();
        assertThat(out.readLine()).isEqualTo("qemu-io> 4 MiB");
      }
      in.write("quit\n".getBytes(StandardCharsets.UTF_8));
      in.flush();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
  }

  @Test
  void whatIsSaidOnBothStreamsIsInOrderInOneFile() throws Exception {
    Path both = directory.resolve("both");
    Process process =
        builder("length", "bogus", "length")
            .redirectErrorStream(true)
            .redirectOutput(both.toFile())
            .start();
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(Files.readString(both)).isEqualTo("4 MiB\ncommand \"bogus\" not found\n4 MiB\n");
  }

  @Test
  void aStreamThatEndsInTheMiddleOfALineGivesALineAllTheSame() throws Exception {
    Process process = start();
    process.getOutputStream().write("length".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    try (InputStream out = process.getInputStream()) {
      assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("qemu-io> 4 MiB\nqemu-io> ");
    }
    assertThat(process.waitFor()).isZero();
  }
}

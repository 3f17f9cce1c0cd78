package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that takes what the console says. */
@ExtendWith(LibraryRequired.class)
@Timeout(120)
class ConsoleLogTest {
  @TempDir Path temporary;

  @Test
  void theLogHasTheConsolesBytesAndTheConsoleHasThemStill() throws Exception {
    String kernel =
        new BareKernel().print("one\r\ntwo\033[0m, unfinished").debugExit(0).write(temporary);
    Path log = Files.writeString(temporary.resolve("log"), "of an earlier run, and longer than it");

    CommandLineRun run = CommandLineRun.of("run", "-k", kernel, "--console-log", log.toString());

    assertThat(run.code()).as(run.err()).isEqualTo(16);
    assertThat(run.out()).isEqualTo("one\r\ntwo\033[0m, unfinished");
    assertThat(Files.readString(log)).isEqualTo(run.out());
  }

  @Test
  void whatWasSaidIsInTheLogOfAJvmThatWasKilled() throws Exception {
    String kernel = new BareKernel().print("said\nand more").spin().write(temporary);
    Path log = temporary.resolve("log");
    try (Launched run =
        Launched.start(
            temporary,
            Map.of(),
            "run",
            "--offline",
            "-k",
            kernel,
            "--console-log",
            log.toString())) {
      run.awaitLine("said");
      while (Files.size(log) < "said\nand more".length()) {
        Thread.sleep(10); // an unfinished line shows after some milliseconds, without an end
      }
      run.signalJvm("KILL");
      assertThat(run.exitCode()).isEqualTo(4);
    }
    assertThat(log).hasContent("said\nand more");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--console-log", "--serial2", "--report"})
  void noOutputIsWrittenOverADiskOrWhatItStandsOnOrTheKernel(String option) throws Exception {
    String kernel = new BareKernel().debugExit(0).write(temporary);
    Path base = temporary.resolve("base.qcow2");
    DiskImage.create(base, CreateOptions.qcow2(1 << 20)).close();
    Path top = temporary.resolve("top.qcow2");
    BackingReference below = new BackingReference("base.qcow2", Optional.of("qcow2"));
    DiskImage.create(top, CreateOptions.qcow2(1 << 20).withBacking(Optional.of(below))).close();
    Path link = Files.createSymbolicLink(temporary.resolve("link"), base);

    for (String file : new String[] {top.toString(), base.toString(), link.toString(), kernel}) {
      byte[] before = Files.readAllBytes(Path.of(file));
      String value = option.equals("--serial2") ? "file:" + file : file;
      CommandLineRun run =
          CommandLineRun.of("run", "-k", kernel, "-i", kernel, "-d", top.toString(), option, value);

      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err())
          .startsWith("monoceros: " + option + ": " + file)
          .contains("would be overwritten")
          .hasLineCount(1);
      assertThat(Path.of(file)).hasBinaryContent(before);
    }
  }
}

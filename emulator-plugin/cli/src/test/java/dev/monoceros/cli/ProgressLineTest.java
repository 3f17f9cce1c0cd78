package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Progress.Phase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final long MIB = 1 << 20;
  private static final String START = "\r\u001b[K";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private long now = 1_000_000_000;

  private ProgressLine line(boolean terminal) {
    PrintStream err = new PrintStream(written, true, StandardCharsets.US_ASCII);
    return new ProgressLine(err, terminal, () -> now);
  }

  private String written() {
    return written.toString(StandardCharsets.US_ASCII);
  }

  @Test
  void aTerminalGetsOneLineThatIsRewrittenAndTakenAway() {
    try (ProgressLine line = line(true)) {
      line.update(Phase.DOWNLOAD, "kernel", 0, 4 * MIB);
      line.update(Phase.DOWNLOAD, "kernel", MIB, 4 * MIB);
      now += 200_000_000;
      line.update(Phase.DOWNLOAD, "kernel", 2 * MIB, 4 * MIB);
      line.update(Phase.UNPACK, "kernel", 0, -1);
    }

    assertThat(written())
        .isEqualTo(
            START
                + "fetching kernel    0 % of 4.0 MiB"
                + START
                + "fetching kernel   50 % of 4.0 MiB"
                + START
                + "unpacking kernel"
                + START);
  }

  @Test
  void aLineNeverWrapsOnATerminal() {
    try (ProgressLine line = line(true)) {
      line.update(Phase.BUILD, "x".repeat(200), 1, 2);
    }

    assertThat(written().split("\r")[1].length()).isLessThanOrEqualTo(80);
  }

  @Test
  void aLogGetsOneLineForEachThingAndNoneForEveryPackageUnpacked() {
    try (ProgressLine line = line(false)) {
      line.update(Phase.BUILD, "disk", 0, MIB);
      line.update(Phase.DOWNLOAD, "kernel", 0, MIB);
      line.update(Phase.DOWNLOAD, "kernel", MIB, MIB);
      line.update(Phase.UNPACK, "kernel", 0, -1);
      line.update(Phase.BUILD, "disk", MIB, MIB);
    }

    assertThat(written()).isEqualTo("monoceros: building disk\nmonoceros: fetching kernel\n");
  }

  @Test
  void whereNothingHappensNothingIsWritten() {
    line(true).close();
    line(false).close();

    assertThat(written()).isEmpty();
  }
}

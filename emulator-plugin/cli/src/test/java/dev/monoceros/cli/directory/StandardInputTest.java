package dev.monoceros.cli.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StandardInputTest {
  private static String all(String text) {
    StandardInput input =
        new StandardInput(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)),
            () -> {
              throw new AssertionError("in time");
            });
    StringBuilder sent = new StringBuilder();
    for (int b; (b = input.next()) != ConsoleSource.END; ) {
      sent.append((char) b);
    }
    assertThat(input.use().bytes()).isEqualTo(text.length());
    return sent.toString();
  }

  @Test
  void theEndIsALoneCtrlD() {
    assertThat(all("")).isEqualTo("\4");
    assertThat(all("line\n")).isEqualTo("line\n\4");
  }

  @Test
  void theRestOfALineIsHandedOverBeforeTheEnd() {
    assertThat(all("a\nrest")).isEqualTo("a\nrest\4\4");
  }

  @Test
  void whatTheTerminalDriverTakesForItselfIsQuoted() {
    assertThat(all("\4\26\3\0\u00ff\r\n")).isEqualTo("\26\4\26\26\3\0\u00ff\r\n\4");
  }

  @Test
  void aLineNeverOutgrowsTheDriversBufferAndNoPieceIsEmpty() {
    for (int length : new int[] {1023, 1024, 1025, 2048, 5000}) {
      String sent = all("x".repeat(length));
      assertThat(sent.substring(0, sent.length() - 1)).doesNotContain("\4\4");
      assertThat(sent).endsWith("x\4\4");
      for (String piece : sent.split("\4")) {
        assertThat(piece.length()).isLessThanOrEqualTo(1024);
      }
    }
  }

  @Test
  void aSilentHostIsWaitedForOnceAndThenNoMore() throws Exception {
    AtomicInteger late = new AtomicInteger();
    try (PipedOutputStream pipe = new PipedOutputStream()) {
      StandardInput input = new StandardInput(new PipedInputStream(pipe), late::incrementAndGet);
      pipe.write('a');
      pipe.flush();
      assertThat(input.next()).isEqualTo('a');
      assertThat(input.next()).as("what there is").isEqualTo(4);
      assertThat(input.repeatable()).isFalse();
      assertThat(input.next()).isEqualTo(ConsoleSource.NONE_NOW);
      assertThat(late).hasValue(1);
    }
  }
}

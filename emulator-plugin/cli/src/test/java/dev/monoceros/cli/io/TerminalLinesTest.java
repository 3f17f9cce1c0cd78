package dev.monoceros.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.cli.tool.Tool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is typed becomes lines of commands. */
@Timeout(60)
class TerminalLinesTest {
  private static final String BACKSPACE = "\b";
  private static final String UP = "\u0010";

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Output out =
      new Output(
          new Tool(
              "qemu-io",
              InputStream.nullInputStream(),
              printed,
              OutputStream.nullOutputStream(),
              Map.of(),
              InstantSource.system(),
              System::nanoTime));
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  private TerminalLines typed(String keys) throws Exception {
    InputStream in = new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8));
    DumbTerminal terminal = new DumbTerminal("test", "ansi", in, screen, StandardCharsets.UTF_8);
    return new TerminalLines(terminal, out, "qemu-io> ", new Commands().names());
  }

  @Test
  void aLineIsEditedBeforeItIsTaken() throws Exception {
    try (TerminalLines lines = typed("reed" + BACKSPACE + BACKSPACE + "ad 0 1\n")) {
      assertThat(lines.next()).isEqualTo("read 0 1");
      assertThat(lines.next()).isNull();
    }
    assertThat(screen.toString(StandardCharsets.UTF_8)).contains("qemu-io> ");
  }

  @Test
  void theNameOfACommandIsCompleted() throws Exception {
    try (TerminalLines lines = typed("len\t\n")) {
      assertThat(lines.next().strip()).isEqualTo("length");
    }
  }

  @Test
  void quotesBackslashesAndExclamationMarksAreCharactersLikeOthers() throws Exception {
    try (TerminalLines lines = typed("open \"a 'b\\ !x\n")) {
      assertThat(lines.next()).isEqualTo("open \"a 'b\\ !x");
    }
  }

  @Test
  void theLineBeforeComesBack() throws Exception {
    try (TerminalLines lines = typed("length\n" + UP + "\n")) {
      lines.next();
      assertThat(lines.next()).isEqualTo("length");
    }
  }

  @Test
  void whatWasPrintedIsOnTheScreenBeforeThePrompt() throws Exception {
    try (TerminalLines lines = typed("length\n")) {
      out.print("10 MiB\n");
      lines.next();
      assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("10 MiB\n");
    }
  }
}

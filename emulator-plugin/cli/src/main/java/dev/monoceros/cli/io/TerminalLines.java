package dev.monoceros.cli.io;

import java.io.IOException;
import java.util.Collection;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Lines typed at a terminal, with editing, a history for this run, and completion of commands. */
final class TerminalLines implements LineSource {
  /** Of a terminal that does not know its size. */
  private static final int COLUMNS = 80;

  private static final int ROWS = 24;

  private final Terminal terminal;
  private final Output out;
  private final String prompt;
  private final LineReader reader;

  TerminalLines(Terminal terminal, Output out, String prompt, Collection<String> commands) {
    this.terminal = terminal;
    this.out = out;
    this.prompt = prompt;
    if (terminal.getWidth() <= 0) {
      terminal.setSize(new Size(COLUMNS, ROWS));
    }
    // No character is special in a command: quotes and backslashes are part of names.
    DefaultParser parser = new DefaultParser().escapeChars(null).quoteChars(new char[0]);
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(parser)
            .completer(new StringsCompleter(commands))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
  }

  /** On the process's own terminal. */
  static TerminalLines open(Output out, String prompt, Collection<String> commands)
      throws IOException {
    Terminal terminal = TerminalBuilder.builder().system(true).provider("exec").build();
    return new TerminalLines(terminal, out, prompt, commands);
  }

  /** Ctrl-C and Ctrl-D both end it. */
  @Override
  public String next() {
    out.flush();
    try {
      return reader.readLine(prompt);
    } catch (EndOfFileException | UserInterruptException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}

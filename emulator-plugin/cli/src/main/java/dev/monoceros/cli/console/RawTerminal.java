package dev.monoceros.cli.console;

import java.io.IOException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.Signals;

/**
 * The terminal on standard input, in raw mode: every key goes to the guest as it is typed, Ctrl-C
 * and Ctrl-Z too. Put back as it was by {@link #close}, and also when the JVM ends in another way;
 * the launcher does it once more when the JVM was killed.
 */
public final class RawTerminal implements AutoCloseable {
  private final Terminal terminal;
  private final Attributes before;
  private final Thread hook = new Thread(this::restore, "terminal-restore");

  private RawTerminal(Terminal terminal) {
    this.terminal = terminal;
    this.before = terminal.getAttributes();
  }

  /**
   * Switches to raw mode.
   *
   * @throws IOException if the terminal cannot be controlled
   */
  public static RawTerminal open() throws IOException {
    Terminal terminal =
        TerminalBuilder.builder()
            .system(true)
            .dumb(false)
            .provider("exec")
            .nativeSignals(false)
            .build();
    RawTerminal raw = new RawTerminal(terminal);
    Runtime.getRuntime().addShutdownHook(raw.hook);
    terminal.setAttributes(raw.rawAttributes());
    return raw;
  }

  private Attributes rawAttributes() {
    Attributes raw = new Attributes(before);
    raw.setLocalFlag(LocalFlag.ICANON, false);
    raw.setLocalFlag(LocalFlag.ECHO, false);
    raw.setLocalFlag(LocalFlag.IEXTEN, false);
    raw.setLocalFlag(LocalFlag.ISIG, false);
    raw.setInputFlag(InputFlag.IXON, false);
    raw.setInputFlag(InputFlag.ICRNL, false);
    raw.setInputFlag(InputFlag.INLCR, false);
    raw.setControlChar(ControlChar.VMIN, 1);
    raw.setControlChar(ControlChar.VTIME, 0);
    return raw;
  }

  /**
   * Its size.
   *
   * @return lines and characters a line, at least 1 each
   */
  public Size size() {
    org.jline.terminal.Size size = terminal.getSize();
    return new Size(Math.max(1, size.getRows()), Math.max(1, size.getColumns()));
  }

  /** What is to be done when the size may have changed; on a thread of its own. */
  public void onResize(Runnable action) {
    Signals.register("WINCH", action);
  }

  /**
   * The size of a terminal.
   *
   * @param rows lines
   * @param columns characters a line
   */
  public record Size(int rows, int columns) {
    /** A shell's command, with Enter, that sets it for the terminal that it is typed at. */
    public String sttyCommand() {
      return "stty rows " + rows + " columns " + columns + "\r";
    }
  }

  private void restore() {
    terminal.setAttributes(before);
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook restores once more, which does no harm.
    }
  }
}

package dev.monoceros.cli.directory;

import dev.monoceros.cli.console.RawTerminal.Size;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.nio.charset.StandardCharsets;

/** Tells the agent new sizes of the terminal: a line {@code ROWS COLUMNS} for each. */
final class WindowSize implements ConsoleSource {
  private byte[] line = {};
  private int position;
  private Size next;

  /** The newest size; from any thread. */
  synchronized void changed(Size size) {
    next = size;
  }

  @Override
  public synchronized int next() {
    if (position == line.length) {
      if (next == null) {
        return NONE_NOW;
      }
      line = (next.rows() + " " + next.columns() + "\n").getBytes(StandardCharsets.US_ASCII);
      position = 0;
      next = null;
    }
    return line[position++];
  }
}

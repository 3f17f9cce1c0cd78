package dev.monoceros.cli.directory;

import dev.monoceros.machine.chipset.ConsoleSink;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The kernel's console, of which nobody sees anything unless it goes wrong: its last lines. */
final class KernelTail implements ConsoleSink {
  private static final int MOST_LINES = 60;
  private static final int LONGEST_LINE = 1000;

  private final Deque<String> lines = new ArrayDeque<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  @Override
  public void write(int b) {
    if (b == '\n') {
      end();
    } else if (b != '\r' && line.size() < LONGEST_LINE) {
      line.write(b);
    }
  }

  private void end() {
    lines.add(line.toString(StandardCharsets.UTF_8));
    line.reset();
    if (lines.size() > MOST_LINES) {
      lines.remove();
    }
  }

  /** The last lines. */
  List<String> lines() {
    if (line.size() > 0) {
      end();
    }
    return List.copyOf(lines);
  }

  void print(PrintStream out) {
    lines().forEach(text -> out.println("kernel: " + text));
  }
}

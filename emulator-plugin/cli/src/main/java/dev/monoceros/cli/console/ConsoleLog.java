package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A file that takes what the console says, byte for byte. Written as the console is: at the end of
 * each line, and an unfinished one after some milliseconds.
 */
public final class ConsoleLog implements ConsoleSink, AutoCloseable {
  private final OutputStream file;
  private final ConsoleOutput output;
  private final ConsoleSink console;

  /**
   * Opens the file and empties it.
   *
   * @param console what is said goes there, too
   * @param failed told once when the file can no longer be written
   */
  public ConsoleLog(Path file, ConsoleSink console, Consumer<IOException> failed)
      throws IOException {
    this.file = Files.newOutputStream(file);
    this.output = new ConsoleOutput(this.file, failed);
    this.console = console;
  }

  @Override
  public void write(int b) {
    output.write(b);
    console.write(b);
  }

  @Override
  public void close() throws IOException {
    output.close();
    file.close();
  }
}

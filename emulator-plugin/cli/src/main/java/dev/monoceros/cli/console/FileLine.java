package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.SerialLine;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** A serial port whose bytes go to one file and come from another, when the guest takes them. */
public final class FileLine implements SerialConnection {
  private final OutputStream file;
  private final ConsoleOutput output;
  private final Optional<InputStream> input;
  private final Consumer<IOException> failed;

  private FileLine(OutputStream file, Optional<InputStream> input, Consumer<IOException> failed) {
    this.file = file;
    this.output = new ConsoleOutput(file, failed);
    this.input = input;
    this.failed = failed;
  }

  /**
   * Opens the files and empties the one for output.
   *
   * @param failed told when one of them can no longer be used
   * @throws IOException if one cannot be opened, or the input is no regular file, which could make
   *     the guest wait
   */
  public static FileLine open(SerialTarget.Files target, Consumer<IOException> failed)
      throws IOException {
    Optional<InputStream> input = Optional.empty();
    if (target.input().isPresent()) {
      Path file = target.input().get();
      if (!Files.isRegularFile(file)) {
        throw new FileNotFoundException(
            file + (Files.exists(file) ? " is no regular file" : " does not exist"));
      }
      input = Optional.of(new BufferedInputStream(Files.newInputStream(file)));
    }
    return new FileLine(Files.newOutputStream(target.output()), input, failed);
  }

  @Override
  public SerialLine line() {
    return new SerialLine(
        output, input.<ConsoleSource>map(in -> () -> next(in)).orElse(ConsoleSource.empty()));
  }

  private int next(InputStream in) {
    try {
      int b = in.read();
      return b < 0 ? ConsoleSource.END : b;
    } catch (IOException e) {
      failed.accept(e);
      return ConsoleSource.END;
    }
  }

  @Override
  public void release() {
    // Regular files make nobody wait.
  }

  @Override
  public void close() throws IOException {
    output.close();
    file.close();
    if (input.isPresent()) {
      input.get().close();
    }
  }
}

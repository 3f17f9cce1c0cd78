package dev.monoceros.cli.io;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Standard output, buffered, and standard error, not; what was printed before an error is out
 * before it. Whoever is about to wait flushes first.
 */
final class Output {
  private static final int BUFFER = 64 * 1024;

  private final OutputStream out;
  private final PrintStream err;
  private final String program;
  private final byte[] buffer = new byte[BUFFER];
  private int used;

  /**
   * @param program name that messages start with
   */
  Output(OutputStream out, PrintStream err, String program) {
    this.out = out;
    this.err = err;
    this.program = program;
  }

  /** The name that messages start with. */
  String program() {
    return program;
  }

  /** Prints text as it is. */
  void print(String text) {
    int length = text.length();
    if (length > BUFFER - used) {
      flush();
    }
    if (length > BUFFER) {
      printBytes(text);
      return;
    }
    int at = used;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c > 0x7F) {
        printBytes(text);
        return;
      }
      buffer[at++] = (byte) c;
    }
    used = at;
  }

  private void printBytes(String text) {
    flush();
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  private void write(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints text and ends the line. */
  void line(String text) {
    print(text);
    print("\n");
  }

  /** Everything printed so far goes out. */
  void flush() {
    try {
      int length = used;
      used = 0;
      out.write(buffer, 0, length);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line on standard error, without the program's name. */
  void bareError(String text) {
    flush();
    err.print(text + "\n");
    err.flush();
  }

  /** A line on standard error, after the program's name. */
  void error(String text) {
    bareError(program + ": " + text);
  }
}

package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Standard output, buffered, and standard error, not; what was printed before an error is out
 * before it. Whoever is about to wait flushes first.
 */
final class Output {
  private static final int BUFFER = 64 * 1024;
  private static final int ASCII_LIMIT = 0x7F;

  private final Tool tool;
  private final byte[] buffer = new byte[BUFFER];
  private int used;

  Output(Tool tool) {
    this.tool = tool;
  }

  /** Prints text as it is. */
  void print(String text) {
    int length = text.length();
    if (length > BUFFER - used) {
      emptyBuffer();
    }
    if (length > BUFFER) {
      write(text);
      return;
    }
    int at = used;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c > ASCII_LIMIT) {
        emptyBuffer();
        write(text);
        return;
      }
      buffer[at++] = (byte) c;
    }
    used = at;
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, bytes.length);
  }

  private void emptyBuffer() {
    int length = used;
    used = 0;
    write(buffer, length);
  }

  private void write(byte[] bytes, int length) {
    try {
      tool.out().write(bytes, 0, length);
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
    emptyBuffer();
    tool.flush();
  }

  /** A line on standard error, without the program's name. */
  void bareError(String text) {
    emptyBuffer();
    tool.errorText(text + "\n");
  }

  /** A line on standard error, after the program's name. */
  void error(String text) {
    emptyBuffer();
    tool.error(text);
  }
}

package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Standard output, buffered, and standard error, not; what was printed before an error is out
 * before it. Whoever is about to wait flushes first.
 */
final class Output {
  private static final int BUFFER = 64 * 1024;
  private static final int ASCII_LIMIT = 0x7F;

  private static final int CAPTURED = 1024;

  private final Tool tool;
  private final OutputStream sink;
  private final byte[] buffer;
  private int used;

  Output(Tool tool) {
    this(tool, tool.out(), BUFFER);
  }

  private Output(Tool tool, OutputStream sink, int capacity) {
    this.tool = tool;
    this.sink = sink;
    this.buffer = new byte[capacity];
  }

  /** One that keeps what is printed to it, until it is printed here; errors go out at once. */
  Output captured() {
    return new Output(tool, new ByteArrayOutputStream(), CAPTURED);
  }

  /** Prints what was kept. */
  void print(Output captured) {
    captured.emptyBuffer();
    if (captured.sink instanceof ByteArrayOutputStream kept) {
      emptyBuffer();
      byte[] bytes = kept.toByteArray();
      write(bytes, bytes.length);
    }
  }

  /** Prints text as it is. */
  void print(String text) {
    int length = text.length();
    if (length > buffer.length - used) {
      emptyBuffer();
    }
    if (length > buffer.length) {
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
      sink.write(bytes, 0, length);
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

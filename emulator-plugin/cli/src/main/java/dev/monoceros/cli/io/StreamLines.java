package dev.monoceros.cli.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of standard input. Prompts are printed though nobody may be there: programs that drive the
 * tool wait for them. Output goes out before the stream is waited for, and not for every line.
 */
final class StreamLines implements LineSource {
  private static final int BUFFER = 64 * 1024;

  private final InputStream in;
  private final Output out;
  private final String prompt;
  private byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;

  StreamLines(InputStream in, Output out, String prompt) {
    this.in = in;
    this.out = out;
    this.prompt = prompt;
  }

  @Override
  public String next() throws IOException {
    out.print(prompt);
    int searched = at;
    while (true) {
      for (int i = searched; i < end; i++) {
        if (buffer[i] == '\n') {
          String line = text(i);
          at = i + 1;
          return line;
        }
      }
      searched = end - at;
      makeRoom();
      out.flush();
      int count = in.read(buffer, end, buffer.length - end);
      if (count < 0) {
        String rest = text(end);
        at = end;
        return rest.isEmpty() ? null : rest;
      }
      end += count;
    }
  }

  /** Standard input is the process's. */
  @Override
  public void close() {}

  private String text(int to) {
    return new String(buffer, at, to - at, StandardCharsets.UTF_8);
  }

  /** What is left of the line moves to the front. */
  private void makeRoom() {
    System.arraycopy(buffer, at, buffer, 0, end - at);
    end -= at;
    at = 0;
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
  }
}

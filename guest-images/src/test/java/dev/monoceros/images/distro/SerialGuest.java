package dev.monoceros.images.distro;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Somebody at the serial console of a process. */
final class SerialGuest implements AutoCloseable {
  private final Process process;
  private final StringBuilder unread = new StringBuilder();

  private SerialGuest(Process process) {
    this.process = process;
  }

  static SerialGuest start(ProcessBuilder builder) throws IOException {
    return new SerialGuest(builder.redirectErrorStream(true).start());
  }

  /** Reads until a text has come; gives back all since the last call, without that text. */
  String await(String text) throws IOException {
    int at = unread.indexOf(text);
    while (at < 0) {
      if (!read()) {
        throw new AssertionError("no '" + text + "' in: " + unread);
      }
      at = unread.indexOf(text);
    }
    String before = unread.substring(0, at);
    unread.delete(0, at + text.length());
    return before;
  }

  /** All up to the end of the process. */
  String rest() throws IOException {
    while (read()) {
      // More may come.
    }
    return unread.toString();
  }

  void type(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  private boolean read() throws IOException {
    InputStream out = process.getInputStream();
    byte[] bytes = new byte[4096];
    int count = out.read(bytes);
    if (count > 0) {
      unread.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
    }
    return count >= 0;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
